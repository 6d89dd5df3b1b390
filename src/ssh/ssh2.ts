import './dirname.ts'
import ssh2 from 'ssh2'

/** The one place where ssh2 is loaded. */
export const { Client, createAgent, Server, utils } = ssh2
