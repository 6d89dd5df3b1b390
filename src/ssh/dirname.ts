// A part of ssh2 (poly1305, compiled to JavaScript) names __dirname, which a bundle of ES modules does not have. Its value is never used.
;(globalThis as { __dirname?: string }).__dirname ??= '/'

export {}
