import type { Certificates } from './certificates.ts'

export interface Ports {
  readonly http: number
  readonly https: number
  /** https, for clients with a certificate of the same authority alone. */
  readonly guarded: number
}

interface NginxSettings {
  /** The directory of all files of this server. */
  readonly directory: string
  readonly repositories: string
  readonly token: string
  readonly certificates: Certificates
  /** nginx's socket of fcgiwrap. */
  readonly socket: string
  /** The program `git-http-backend`, absolute. */
  readonly backend: string
  readonly ports: Ports
  /** The answer of the probe, so that another server on the same port is not taken for this one. */
  readonly nonce: string
  readonly elsewhere: string | null
  readonly lfs: LfsBackend | null
}

/** A server for LFS objects behind nginx. */
export interface LfsBackend {
  readonly port: number
  /** Gets in with `Authorization: RemoteAuth <token>`, next to who may use git. */
  readonly token: string
}

/** nginx.conf: one process, TLS and plain, git under /git/, and the prefixes that misbehave. */
export function nginxConfig(settings: NginxSettings): string {
  const { directory, certificates, ports, elsewhere, lfs } = settings
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `  ${kind}_temp_path "${directory}/${kind}";\n`)
  const tls = `ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate "${certificates.certificate}"; ssl_certificate_key "${certificates.key}";`
  const login = `auth_basic git; auth_basic_user_file "${directory}/htpasswd";`
  const bearer = 'add_header WWW-Authenticate Bearer always; if ($is_bearer = "") { return 401; }'
  const objects =
    lfs === null
      ? ''
      : `location ~ ^/git/.+\\.git/info/lfs/ { auth_basic $lfs_realm; auth_basic_user_file "${directory}/htpasswd"; ${proxy(lfs)} }`
  return `daemon off;
master_process off;
pid "${directory}/nginx.pid";
events { worker_connections 64; }
http {
${temporary.join('')}  log_format requests escape=json '{"method":"$request_method","path":"$request_uri","status":"$status","user":"$remote_user","scheme":"$scheme","login":"$login","gitProtocol":"$http_git_protocol"}';
  access_log "${directory}/access.log" requests;
  client_max_body_size 0;
  map $http_authorization $lfs_realm { default git; ${lfs === null ? '' : `"RemoteAuth ${lfs.token}" off;`} }
  map $http_authorization $login { default ""; "~^(\\S+)" $1; }
  map $http_authorization $is_bearer { default ""; "Bearer ${settings.token}" yes; }
  map $arg_service $push_realm { default off; git-receive-pack git; }
  server {
    listen 127.0.0.1:${ports.http};
    listen 127.0.0.1:${ports.https} ssl;
    ${tls}
    location = /probe { access_log off; return 200 "${settings.nonce}"; }
    ${objects}
    ${lfs === null ? '' : `location ~ ^/bearer/.+\\.git/info/lfs/ { ${bearer} ${proxy(lfs)} }`}
    location ~ ^/git(/.*)$ { ${login} ${backend(settings, true)} }
    location ~ ^/bearer(/.*)$ { ${bearer} ${backend(settings, true)} }
    location ~ ^/v0(/.*)$ { ${login} ${backend(settings, true, '')} }
    location ~ ^/v1(/.*)$ { ${login} ${backend(settings, true, 'version=1')} }
    location ~ ^/dumb(/.*)$ { alias "${settings.repositories}$1"; }
    location ~ ^/nopush(/.*)$ { ${login} ${backend(settings, false)} }
    location ~ ^/shown(/.*/git-receive-pack)$ { ${login} ${backend(settings, true)} }
    location ~ ^/shown(/.*)$ { ${login.replace('git;', '$push_realm;')} ${backend(settings, true)} }
    location ~ ^/public(/.*)$ { ${backend(settings, false)} }
    location ~ ^/old(/.*)$ { return 301 $scheme://$http_host/git$1$is_args$args; }
    location ~ ^/elsewhere(/.*)$ { return ${elsewhere === null ? '404' : `301 ${elsewhere}/git$1$is_args$args`}; }
    location / { return 404; }
  }
  server {
    listen 127.0.0.1:${ports.guarded} ssl;
    ${tls}
    ssl_client_certificate "${certificates.ca}";
    ssl_verify_client on;
    ${objects}
    location ~ ^/git(/.*)$ { ${login} ${backend(settings, true)} }
    location ~ ^/shown(/.*)$ { ${backend(settings, true)} }
  }
}
`
}

// A push that is not allowed is refused by git itself, with 403. Uploads go on as they come: a large one is sent in chunks, without a length.
function backend({ repositories, socket, backend }: NginxSettings, push: boolean, protocol = '$http_git_protocol'): string {
  const config = [['safe.directory', '*'], ...(push ? [] : [['http.receivepack', 'false']])]
  const parameters: Record<string, string> = {
    SCRIPT_FILENAME: backend,
    GIT_PROJECT_ROOT: repositories,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: protocol,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ),
    HOME: '/nonexistent',
    LC_ALL: 'C',
    PATH_INFO: '$1',
    REMOTE_USER: '$remote_user',
    REMOTE_ADDR: '$remote_addr',
    REQUEST_METHOD: '$request_method',
    QUERY_STRING: '$query_string',
    CONTENT_TYPE: '$content_type',
    CONTENT_LENGTH: '$content_length',
    SERVER_PROTOCOL: '$server_protocol',
  }
  const lines = Object.entries(parameters).map(([name, value]) => `fastcgi_param ${name} "${value}";`)
  return `fastcgi_pass "unix:${socket}"; fastcgi_request_buffering off; fastcgi_buffering off; ${lines.join(' ')}`
}

// The server makes addresses of what the client called nginx. A transfer that is held must not end before the client's patience does.
function proxy({ port }: LfsBackend): string {
  const headers = 'proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header Connection "";'
  return `proxy_pass http://127.0.0.1:${port}; proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off; proxy_read_timeout 1h; proxy_send_timeout 1h; ${headers}`
}
