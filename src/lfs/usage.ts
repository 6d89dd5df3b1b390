/** The use of LFS, from files at the root of the source. */
export interface LfsUsage {
  /** Whether a `.gitattributes` there puts files into LFS; null = that could not be looked up. */
  readonly isUsed: boolean | null
  /** Contents of the default branch's `.lfsconfig`; null = there is none, or it could not be looked up. */
  readonly config: string | null
}

/** Files at the root that tell of LFS: which files are in it, and where its objects are (git-lfs-config(5)). */
export const ATTRIBUTES_FILE = '.gitattributes'
export const CONFIG_FILE = '.lfsconfig'
