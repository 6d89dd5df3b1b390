const Be=262,Ve=[262],Ge={64262:((V,C,r)=>{r.d(C,{cli:()=>De});var A=r(51455),S=r(76760),f=r(58500),b=r(10533),j=r(59874),L=r(73024),N=r(48161),h=r(46756);const M=t=>!!t.NO_COLOR||t.TERM==="dumb",I=100,u=1e4,m="\r\x1B[K";function g(t,{verbose:s,plain:n=!1,onState:e}){const o=[],i=v=>(0,b.Yk)(v,o),c=t.isTTY===!0&&!n,y=(0,h.o)(c?I:u);let E=0;const p=()=>{E>0&&t.write(m),E=0},w=v=>{p(),t.write(`${i(v)}
`)};return{kind:"terminal",verbose:s,temporaryDirectory:(0,N.tmpdir)(),mask:v=>{o.push(...v)},hide:i,info:w,debug:v=>{s&&w(v)},progress:v=>{if(v===null)p();else if(y())c?t.write(`${m}${a(E++)} ${i(v())}`):w(v());else return},annotate:async()=>{},output:async()=>{},saveState:e,summary:async()=>{}}}const O=20,U=4;function a(t){const s=t%(2*(O-U)),n=Math.min(s,2*(O-U)-s);return`[${" ".repeat(n)}${"=".repeat(U)}${" ".repeat(O-U-n)}]`}function $(t,s=!1){const n={};for(const[e,o]of[["SIGINT",130],["SIGTERM",143],["SIGHUP",129]])process.once(e,()=>{for(const i of Object.values(n))(0,L.rmSync)(i,{recursive:!0,force:!0});process.stderr.write(`interrupted: a push that was under way may still land; run again to see
`),process.exit(o)});return g(process.stderr,{verbose:s,plain:M(t),onState:(e,o)=>{n[e]=o}})}var l=r(83822),k=r(83080),d=r(82202),R=r(89579),T=r(88692),D=r(29338),P=r(96860),B=r(48085),G=r(19511);const z=100,Q=`Exit codes:
  0 fine \xB7 1 refs rejected or diverged, or the remote refused \xB7 2 settings
  3 host not trusted or not authorised \xB7 4 network \xB7 70 a bug of ours`,_=t=>`repository-mirroring ${t}
Keep a git repository and its mirror in step.

Usage:
  repository-mirroring mirror FROM TO [flags]   make TO equal to FROM: branches and tags
  repository-mirroring mirror --config FILE     the same for every mirror of a file
  repository-mirroring plan FROM TO [flags]     show what mirror would do; change nothing
  repository-mirroring verify FROM TO [flags]   tell whether both are equal; change nothing
  repository-mirroring host-keys HOST[:PORT]    show the host keys of an SSH server, to be verified
  repository-mirroring keygen [URL] [flags]     make a key pair for one mirror
  repository-mirroring public-key [URL]         show the public half of a private key, and where to register it
  repository-mirroring demo                     see it at work on a throw-away server of its own
  repository-mirroring COMMAND --help           all flags of a command

FROM and TO are ssh://, git@host:path, https:// or file:// URLs, or paths. FROM is always the source.
${Q}
`,F={mirror:"Make the branches and tags of TO equal to those of FROM. Every change holds only while TO is as it was read.",plan:"Show what `mirror` would do. Reads both sides, changes neither.",verify:"Tell whether the branches and tags of TO are equal to those of FROM, and how each that is not differs.\nReads both sides, changes neither. Exits with 1 where they differ, unless --fail-on never.\nThe flags of `mirror` that only tell how to change something may be given, and are of no effect."},W=new Set(["dry-run","max-deletions","backup","backup-days","allow-unrelated","atomic","push-options"]),J=(t,s)=>t==="mirror"||(t==="plan"?s!=="dry-run":!W.has(s));function Y(t){const s=G.m,n=s.filter(({secret:e,actionOnly:o,name:i})=>!e&&!o&&J(t,i));return`${F[t]}

Usage:
  repository-mirroring ${t} FROM TO [flags]
  repository-mirroring ${t} --config FILE [--only NAMES] [--jobs N] [--json] [--verbose]

FROM is always the source. It is your own repository and TO the remote one; with --direction pull, FROM is the
remote one and TO your own; with --direction bidirectional changes go both ways, and FROM is your own.
The remote one takes "auth-secret" and "--username", your own takes "token".

--config names a YAML file of many mirrors (docs/many-mirrors.md), all or those of --only, --jobs (4) at a time.
One that fails does not stop the others; the exit code is the worst of all.

Flags:
${n.map(e=>H(`--${e.name}${e.boolean?"":" VALUE"}`,Z(e))).join(`
`)}
${H("--known-host-keys-file PATH","the same from a file, e.g. ~/.ssh/known_hosts; likewise --ca-certificate-file, --client-certificate-file")}
${H("--json","print the report as JSON")}
${H("--verbose","say more on stderr")}

Secrets are never flags. Give each in a variable, or in a file:
${s.filter(({secret:e})=>e).map(({name:e,description:o})=>H(`${(0,P.VE)(e)}, --${e}-file PATH`,o.replace("the repository of the run","your own repository"))).join(`
`)}

${Q}
`}const Z=({description:t,default:s})=>s===""||s==="false"||t.includes("Default:")?t:`${t}. Default: ${s}`;function H(t,s){const n=[""];for(const e of s.replaceAll("`","").split(" ")){const o=n.at(-1)??"";o.length+e.length+7>z?n.push(e):n[n.length-1]=o===""?e:`${o} ${e}`}return[`  ${t}`,...n.map(e=>`      ${e}`)].join(`
`)}const ce=["known-host-keys","known-host-keys-file","json","help"],ye=`Show all host keys of an SSH server, compared with what is known of it. Trusts none of them and sends no credentials.

Usage:
  repository-mirroring host-keys HOST[:PORT] [flags]

HOST is a name or an address ([ADDRESS]:PORT for IPv6), or an ssh URL. 
The lines for known-host-keys go to stdout (\`> hosts\` keeps them), the fingerprints and what to do with them to stderr.

Flags:
  --known-host-keys VALUE
      what you know of the server: known_hosts lines, public keys or SHA256: fingerprints; may be given more than once
  --known-host-keys-file PATH
      the same from a file, e.g. ~/.ssh/known_hosts
  --json
      print everything as JSON

Exit codes:
  0 no key contradicts what is known \xB7 2 settings \xB7 3 a known key was changed, or one is revoked \xB7 4 network
  1 it is no SSH server
`;function we(t){const s=[],n=[],e=[],o=[],i=new Set;for(let y=0;y<t.length;y++){const E=t[y]??"",[,p="",,w=null]=/^--([^=]*)(=(.*))?$/s.exec(E)??[];if(E==="-h")i.add("help");else if(!E.startsWith("-"))n.push(E);else if(p==="json"||p==="help")i.add(p);else if(p==="known-host-keys"||p==="known-host-keys-file"){const v=w??t[++y];v===void 0?s.push(`--${p} needs a value`):p==="known-host-keys"?e.push(v):o.push({input:"known-host-keys",path:v})}else{const v=(0,P.kD)(p,ce);s.push(`unknown flag ${(0,d.s)(E.split("=",1)[0]??"")}${v===null?"":`; did you mean --${v}?`}`)}}return n.length>1&&s.push(`too many arguments: ${(0,d.s)(n.slice(1).join(" "))}`),e.length>0&&o.length>0&&s.push("--known-host-keys and --known-host-keys-file exclude each other"),{raw:{"remote-url":n[0]??"","known-host-keys":e.join(`
`)},files:o,json:i.has("json"),verbose:!1,help:i.has("help"),problems:s}}var ve=r(20105);function oe(t,s){const n=[...s.values,...s.switches,"help"],e=[],o=new Map,i=new Set,c=[];for(let E=0;E<t.length;E++){const p=t[E]??"",[,w="",,v=null]=/^--([^=]*)(=(.*))?$/s.exec(p)??[];if(p==="-h")i.add("help");else if(!p.startsWith("-"))e.push(p);else if(s.values.includes(w)){const K=v??t[++E];K===void 0||K===""?c.push(`--${w} needs a value`):o.has(w)?c.push(`--${w} is given twice`):o.set(w,K)}else if(s.values.includes(`${w}-file`))c.push(`--${w} would show the secret to every process on this machine: use the variable ${(0,P.VE)(w)}, or --${w}-file`),v===null&&E++;else if(n.includes(w))v===null?i.add(w):c.push(`--${w} takes no value`);else{const K=(0,P.kD)(w,n);c.push(`unknown flag ${(0,d.s)(p.split("=",1)[0]??"")}${K===null?"":`; did you mean --${K}?`}`)}}const y=e.slice(s.positional);return y.length>0&&c.push(`too many arguments: ${(0,d.s)(y.join(" "))}`),{positional:e.slice(0,s.positional),values:o,switches:i,problems:c}}var X=r(39416);const $e=["ed25519","rsa"],re=(0,P.VE)("ssh-key-passphrase"),Ee=`Make a key pair for one mirror, and say where each half goes. The private half is never shown unless you ask for it.

Usage:
  repository-mirroring keygen [URL] --out PATH                        into two files, PATH (0600) and PATH.pub (0644)
  repository-mirroring keygen [URL] --secret NAME --repo OWNER/NAME   into a secret of a GitHub repository, with \`gh\`
  repository-mirroring keygen [URL] --print                           to stdout

URL is that of the mirror; with it, the page where the public half is registered can be named.

Flags:
  --out PATH
      file for the private half; no file is ever overwritten
  --secret NAME, --repo OWNER/NAME
      store the private half as the secret NAME of this repository; gh reads it from its stdin, and no file is written
  --print
      print the private half, and nothing else, to stdout; the public half goes to stderr
  --type ed25519|rsa
      rsa makes 4096 bits, for servers that take nothing else. Default: ed25519
  --comment TEXT
      what the public half is called at the server. Default: repository-mirroring

${re}, --ssh-key-passphrase-file PATH
      encrypt the private half with this passphrase

The public half goes to stdout, all else to stderr.

Exit codes:
  0 made \xB7 2 settings, or a file or secret that could not be written \xB7 70 a bug of ours
`;function Oe(t,s){const e=oe(t,{values:["type","out","comment","secret","repo","ssh-key-passphrase-file"],switches:["print"],positional:1}),o=e.values.get("ssh-key-passphrase-file"),i=s[re];return{raw:{"remote-url":e.positional[0]??"",...i!==void 0&&{"ssh-key-passphrase":i}},files:o===void 0?[]:[{input:"ssh-key-passphrase",path:o}],json:!1,verbose:!1,help:e.switches.has("help"),problems:e.problems,flags:e}}function ke({flags:t,problems:s},n){const e=[...s],o=(0,X.HU)(t.values.get("type")??"ed25519",$e);"problem"in o&&e.push(`--type: ${o.problem}`);const i=t.values.get("comment")?.trim()??"repository-mirroring";/[\p{Cc}\p{Zl}\p{Zp}]/u.test(i)&&e.push("--comment: must be one line, without control characters");const c=n["remote-url"]?.trim()??"",y=c===""?null:(0,ve.J)(c,{allowInsecureHttp:!0});y!==null&&"problem"in y&&e.push(`URL: ${y.problem}`);const E=n["ssh-key-passphrase"]?.replace(/\r?\n$/,"");E===""&&e.push(`${re} (or --ssh-key-passphrase-file): is empty`);const p=Te(t,e),[w]=e;if(e.length===1&&w!==void 0)throw new j.H("settings-invalid",w,he);if(p===null||"problem"in o||e.length>0)throw new j.H("settings-invalid",`${e.length} problems:
${e.map(v=>`- ${v}`).join(`
`)}`,he);return{type:o.value,comment:i,passphrase:E??null,target:p,url:y===null||"problem"in y?null:y}}const he={hint:"see `keygen --help`"};function Te({values:t,switches:s},n){const[e,o,i]=["out","secret","repo"].map(y=>t.get(y)),c=[e,o].filter(y=>y!==void 0).length+(s.has("print")?1:0);return c===0&&n.push("where the private half goes is missing: give --out PATH, --secret NAME with --repo OWNER/NAME, or --print"),c>1&&n.push("--out, --secret and --print exclude each other"),i!==void 0&&o===void 0&&n.push("--repo is of no use without --secret"),o!==void 0&&!/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(o)&&n.push(`--secret: must be letters, digits and underscores, not begin with a digit or GITHUB_, not ${(0,X.TL)(o)}`),o!==void 0&&i===void 0&&n.push("--repo is missing: give the repository of the secret as OWNER/NAME"),i!==void 0&&!/^(?:[\w.-]+(?::\d+)?\/)?\w[\w.-]*\/[\w.-]+$/.test(i)&&n.push(`--repo: must be OWNER/NAME, or HOST/OWNER/NAME, not ${(0,X.TL)(i)}`),o!==void 0&&i!==void 0?{to:"secret",name:o,repository:i}:e!==void 0?{to:"file",path:e}:s.has("print")?{to:"stdout"}:null}const ue=4,Me=t=>t.some(s=>s==="--config"||s.startsWith("--config="));function Re(t,s){const n=oe(t,{values:["config","only","jobs"],switches:["dry-run","json","verbose"],positional:0}),e=n.values.get("only"),o=e===void 0?null:(0,X.E1)(e),i=(0,X.oA)(n.values.get("jobs")??String(ue),{from:1,to:64});return{file:n.values.get("config")??"",only:o??[],jobs:"value"in i?i.value:ue,base:{...s,...n.switches.has("dry-run")&&{"dry-run":"true"}},json:n.switches.has("json"),verbose:n.switches.has("verbose"),help:n.switches.has("help"),problems:[...Se(n),...o?.length===0?["--only names no mirror"]:[],..."problem"in i?[`--jobs ${i.problem}`]:[]]}}const Se=({problems:t})=>t.map(s=>s.startsWith("unknown flag")?`${s} (with --config, what is said of a mirror stands in the file)`:s);var be=r(40207);const fe=["auth-secret","ssh-key-passphrase"],je=`Show the public half of a private key, and where to register it. Sends nothing to anybody.

Usage:
  repository-mirroring public-key [URL] [flags]

URL is that of the mirror; with it, the page where the key is registered can be named.

Flags:
  --username NAME
      user name at the mirror, where its URL names none. Default: git
  --json
      print everything as JSON

Secrets are never flags. Give each in a variable, or in a file:
  ${(0,P.VE)("auth-secret")}, --auth-secret-file PATH
      the private key: OpenSSH, PEM or PKCS#8, or base64 of such a file
  ${(0,P.VE)("ssh-key-passphrase")}, --ssh-key-passphrase-file PATH
      its passphrase, if it has one

The public half goes to stdout, all else to stderr.

Exit codes:
  0 shown \xB7 2 settings, or a key that cannot be used \xB7 3 no key is given \xB7 70 a bug of ours
`;function Pe(t,s){const n=fe.map(c=>({input:c,flag:`${c}-file`})),e=oe(t,{values:["username",...n.map(({flag:c})=>c)],switches:["json"],positional:1}),o={"remote-url":e.positional[0]??"",username:e.values.get("username")??""};for(const c of fe){const y=s[(0,P.VE)(c)];y!==void 0&&(o[c]=y)}const i=n.flatMap(({input:c,flag:y})=>{const E=e.values.get(y);return E===void 0?[]:[{input:c,path:E}]});return{raw:o,files:i,json:e.switches.has("json"),verbose:!1,help:e.switches.has("help"),problems:e.problems}}var de=r(77118),pe=r(84663),ie=r(58508);const Ae=3,Ue=["mirror","plan","verify","host-keys","public-key","keygen","demo","help","version"];async function De(t,s,n){process.stdout.on("error",i=>{if(i.code!=="EPIPE")throw i});const[e="help",...o]=t;switch(e){case"mirror":case"plan":case"verify":return Me(o)?await Le(e,o,s,n):await He(e,o,s,n);case"host-keys":return await Ie(o,s);case"public-key":return await Ne(o,s);case"keygen":return await Ce(o,s);case"demo":return await xe(o,s,n);case"help":case"--help":case"-h":return x(_(ie.x));case"version":case"--version":return x(`${ie.x}
`);default:{const i=(0,P.kD)(e,Ue);return process.stderr.write(`unknown command "${(0,d.s)(e)}"${i===null?"":`; did you mean ${i}?`}

${_(ie.x)}`),2}}}function x(t){return process.stdout.write(t),0}const me={mirror:{},plan:{"dry-run":"true"},verify:{operation:"verify"}};async function He(t,s,n,e){const o=new Date,i=$(n,s.includes("--verbose")||n.RUNNER_DEBUG==="1");let c=s.includes("--json"),y=new Set(pe.d),E="push",p;try{const w=(0,P.Du)(s,n);if(w.help)return x(Y(t));c=w.json,E=(0,B.lo)(w.raw.direction);const v={...await se(w),...me[t]};i.mask((0,de.Fj)(v).flatMap(We=>(0,b.eo)(We,(0,de.ev)(v))));const K=Ke(v.direction),Fe={serverUrl:null,nameOf:K,resolvePath:S.resolve,windows:process.platform==="win32",isTokenOfRun:()=>!1,agentSocket:n.SSH_AUTH_SOCK??null,apiUrl:n.GITHUB_API_URL??n.CI_API_V4_URL??null},ne=(0,be.P$)(v,Fe,[...w.problems,...await(0,k.rk)(v["branch-regex"],K("branch-regex"))]);i.mask((0,b.Co)([ne.here,ne.there])),y=ne.failOn,p=await(0,l.e7)(ne,i,le(n,e))}catch(w){p=(0,l.kS)(j.H.from(w),o,E,t==="verify"?"verify":"mirror")}return p=(0,D.c)(p,i.hide),process.stdout.write(await ae(p,{json:c,colour:te(n),width:process.stdout.columns,everything:i.verbose??!1})),(0,R.I)(p,y)}async function Le(t,s,n,e){const o=new Date,i=Re(s,me[t]);if(i.help)return x(Y(t));try{const{mirrorConfigured:c}=await Promise.all([r.e(815),r.e(699),r.e(752)]).then(r.bind(r,25864)),y={colour:te(n),width:process.stdout.columns},E={environment:n,host:$(n,i.verbose||n.RUNNER_DEBUG==="1"),surroundings:le(n,e),look:y,say:x};return await c(i,E)}catch(c){return await ee(j.H.from(c),o,{json:i.json,env:n})}}async function ae(t,{json:s,...n}){if(s){const{reportJson:o}=await r.e(121).then(r.bind(r,94121));return o(t)}const{renderText:e}=await r.e(920).then(r.bind(r,13920));return e(t,n)}async function Ie(t,s){const n=new Date,e=we(t);if(e.help)return x(ye);try{const o=K=>K==="remote-url"?"HOST":`--${K}`,{detectHostKeys:i}=await Promise.all([r.e(472),r.e(566)]).then(r.bind(r,29185)),c={nameOf:o,hostAlone:!0},{notes:y,outputs:E,json:p,problem:w}=await i(await se(e),c,e.problems),v=E["host-keys"]??"";return e.json?x(p):q(v===""?[]:[`${v}
`],[y]),w===null?0:Ae}catch(o){return await ee(j.H.from(o),n,{json:e.json,env:s})}}async function Ne(t,s){const n=new Date,e=Pe(t,s);if(e.help)return x(je);try{const o=await se(e),i=p=>p==="remote-url"?"URL":ge(p),{showPublicKey:c}=await Promise.all([r.e(472),r.e(271)]).then(r.bind(r,39652)),{keys:y,json:E}=c(o,{nameOf:i,serverUrl:null},e.problems);if(e.json)return x(E);for(const p of y)q([`${p.line}
`],(0,T._K)(p));return 0}catch(o){return await ee(j.H.from(o),n,{json:e.json,env:s})}}async function Ce(t,s){const n=new Date,e=$(s),o=Oe(t,s);if(o.help)return x(Ee);try{const i=ke(o,await se(o)),{generateKey:c}=await Promise.all([r.e(472),r.e(729)]).then(r.bind(r,75729)),E=await c(i,{environment:s,mask:v=>e.mask((0,b.eo)(v,[])),hide:e.hide,resolvePath:S.resolve}),{privateKey:p,publicKey:w}=E;return p===null?q([`${w}
`],(0,T.Cb)(i,E.shown)):q([p],[w,"",...(0,T.Cb)(i,E.shown)]),0}catch(i){return await ee(j.H.from(i),n,{json:!1,env:s})}}function q(t,s){process.stdout.write(t.join("")),process.stderr.write(`${s.join(`
`)}
`)}async function ee(t,s,{json:n,env:e}){const o=(0,l.kS)(t,s);return n?x(await ae(o,{json:n,colour:!1})):process.stderr.write(await ae(o,{json:n,colour:te(e,process.stderr)})),(0,R.I)(o,new Set(pe.d))}async function xe(t,s,n){if(t.some(i=>i==="--help"||i==="-h"))return x(`Shows a mirror at work: starts an SSH git server inside this process, mirrors the repository of this directory to it,
changes a copy, mirrors again, and shows a wrong host key being refused. Changes nothing of yours.
`);if(t.length>0)return process.stderr.write(`demo takes no arguments, got "${(0,d.s)(t.join(" "))}"
`),2;const{demo:e}=await Promise.all([r.e(472),r.e(611)]).then(r.bind(r,23611)),o=te(s);return await e({host:$(s),surroundings:le(s,n),directory:process.cwd(),colour:o,say:i=>{process.stdout.write(i)}})}const le=(t,s)=>({environment:t,program:s,now:()=>new Date,random:Math.random,pause:async n=>{await(0,f.setTimeout)(n)}}),te=(t,s=process.stdout)=>s.isTTY===!0&&!M(t),ge=t=>(0,G.c)(t)?.secret?`${(0,P.VE)(t)} (or --${t}-file)`:`--${t}`;function Ke(t){const{source:s,destination:n}=(0,P.L2)(t);return e=>e===s?"FROM":e===n?"TO":ge(e)}async function se({raw:t,files:s}){const n=await Promise.all(s.map(async({input:e,path:o})=>{const i=await(0,A.readFile)((0,S.resolve)(o),"utf8").catch(c=>{throw new j.H("settings-invalid",`--${e}-file: "${o}" could not be read: ${c instanceof Error?c.message:String(c)}`,{cause:c})});return[e,i]}));return{...t,...Object.fromEntries(n)}}}),69185:((V,C,r)=>{r.d(C,{Kl:()=>M,_h:()=>j,e4:()=>I,pR:()=>h});var A=r(37762),S=r(89111),f=r(3989),b=r(26866);function j({host:u,port:m,configured:g,warnings:O},U){const a=(0,b.lc)(u,m),$=L(U,(0,S.Wj)([...(0,b.Ti)(),...(0,b.Fp)()],u,m)),l=L(U,(0,S.Wj)(g,u,m)),k=U.map((d,R)=>{const T=$.standings[R]??"new";return{type:(0,A.iE)(d),blob:d,published:a===null&&T!=="revoked"?null:T,configured:g.length===0?null:l.standings[R]??"new",revocation:(0,b.Fp)().find(D=>(0,f.m0)(D,d))?.published??null}});return{name:(0,S.Sm)(u,m),host:u,port:m,provider:a,keys:k,missing:[...$.missing,...l.missing],warnings:O}}function L(u,m){const g=m.filter(l=>!l.revoked),O=g.filter(l=>!u.some(k=>(0,f.m0)(l,k))),U=O.length===g.length&&O.some(({kind:l})=>l==="fingerprint"),a=u.map(l=>{const k=m.filter(d=>(0,f.m0)(d,l));return k.some(({revoked:d})=>d)?"revoked":k.length>0?"same":U||O.some(d=>N(d,(0,A.iE)(l)))?"changed":"new"}),$=u.filter((l,k)=>a[k]==="changed").map(A.iE);return{standings:a,missing:O.filter(l=>!U&&!$.some(k=>N(l,k)))}}const N=(u,m)=>u.kind==="key"&&u.type===m;function h({keys:u}){const m=u.flatMap(({published:g,configured:O})=>[g,O]);return m.includes("revoked")?"revoked":m.includes("changed")?"changed":null}const M=({name:u,keys:m})=>m.filter(({published:g,configured:O})=>g!=="revoked"&&O!=="revoked").map(({type:g,blob:O})=>`${u} ${g} ${O.toString("base64")}`);function I(u){const m=(0,A.iE)(u),g=/^ecdsa-sha2-nistp(\d+)$/.exec(m)?.[1];if(g!==void 0)return Number(g);if(m!=="ssh-rsa")return 256;const O=(0,A.Nc)(u)?.[2]?.toString("hex").replace(/^0+/,"")??"";return O===""?0:(O.length-1)*4+Number.parseInt(O[0]??"0",16).toString(2).length}}),3989:((V,C,r)=>{r.d(C,{Hj:()=>b,Up:()=>L,cE:()=>N,m0:()=>j});var A=r(37762),S=r(92041),f=r(89111);function b({entries:h,host:M,port:I,offered:u}){const m=(0,A.iE)(u),g=(0,f.Wj)(h,M,I),O=g.filter(a=>j(a,u)),U=g.filter(a=>!a.revoked);return O.some(a=>a.revoked)?{verdict:"revoked"}:O.length>0?{verdict:"trusted"}:U.length===0?{verdict:"unknown"}:{verdict:U.some(a=>a.kind==="fingerprint"||a.type===m)?"changed":"other-type"}}function j(h,M){return h.kind==="key"?h.blob.equals(M):h.fingerprint===(h.hash==="MD5"?(0,A.Pr)(M):(0,A._7)(M))}function L({entries:h,host:M,port:I}){const u=(0,f.Wj)(h,M,I).filter(g=>!g.revoked);if(u.length===0)return S.a9;const m=(0,S.w2)(u.flatMap(g=>g.kind==="key"?[g.type]:[]));return u.some(g=>g.kind==="fingerprint")?[...m,...S.a9.filter(g=>!m.includes(g))]:m}function N(h,M,I){const u=O=>O.filter(U=>!M.includes(U)),m=I.at(-1);return m===void 0?u(S.a9):(0,f.Wj)(h.entries,h.host,h.port).some(O=>O.hosts===null&&!O.revoked)&&m.verdict==="changed"?u(L(h)):[]}}),34902:((V,C,r)=>{r.d(C,{CS:()=>f,DV:()=>j,TM:()=>N,aY:()=>S,nf:()=>L});var A=r(9924);const S=h=>`<code>${(0,A.FV)(h)}</code>`;function f(h){return h.split(/`([^`\s](?:[^`]*[^`\s])?)`/).map((M,I)=>I%2===1?S(M):b(M)).join("")}const b=h=>`${/^\s/.test(h)?" ":""}${(0,A.FV)(h)}${/\S\s+$/.test(h)?" ":""}`;function j(h){const M=(0,A.UN)(h).trimEnd(),I=M.match(/`+/g)?.reduce((m,g)=>Math.max(m,g.length),0)??0,u="`".repeat(Math.max(3,I+1));return`${u}text
${M}
${u}`}const L=(h,M)=>/^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(M)?`[${h}](${M})`:h,N=(h,M)=>`<details><summary>${(0,A.FV)(h)}</summary>

${M}

</details>`}),88692:((V,C,r)=>{r.d(C,{Cb:()=>L,_K:()=>j,ow:()=>b});var A=r(69185),S=r(37762),f=r(34902);function b(a){return{keys:a,text:`${a.map($=>[$.line,"",...j($),...m($)].join(`
`)).join(`

`)}
`,json:h(a),summary:`${a.map(M).join(`

`)}
`,outputs:{"ssh-public-key":a[0]?.line??""},problem:null}}function j(a){const{place:$}=a;return[`fingerprint: ${O(a.line).join(", ")}`,...a.url===null?[]:[`for: ${a.url}, ${g(a.access)}`],...$===null?[`what to do: ${I}`]:[...$.page===null?[]:[`where: ${$.page}`],`what to do: ${$.advice}`],...a.isUsable?[]:[u]]}function L({target:a,passphrase:$},l){return[...j(l),...N(a),...$===null?[]:["the private half is encrypted: store its passphrase as a secret, too, and give it as `ssh-key-passphrase`"]]}function N(a){switch(a.to){case"file":return[`private half: ${a.path}, for nobody's eyes but yours; public half: ${a.path}.pub`,`next: store it with \`gh secret set MIRROR_SSH_KEY < ${a.path}\`, give it as \`auth-secret\`, then delete both files`];case"secret":return[`private half: the secret ${a.name} of ${a.repository}, and nowhere else`,`next: give it as \`auth-secret: \${{ secrets.${a.name} }}\``];case"stdout":return["private half: on stdout, and nowhere else","next: store it as a secret, and give it as `auth-secret`"]}}function h(a){const $=a.map(({line:l,url:k,access:d,place:R})=>{const T=U(l);return{key:l,type:l.split(" ")[0],bits:(0,A.e4)(T),sha256:(0,S._7)(T),md5:(0,S.Pr)(T),url:k,access:d,page:R?.page??null,advice:R?.advice??null}});return`${JSON.stringify({version:1,keys:$},null,2)}
`}function M(a){const{place:$}=a,[l="",k=""]=O(a.line);return[`### \u{1F511} Public key${a.url===null?"":` for ${(0,f.aY)(a.url)}`}`,(0,f.DV)(a.line),`${(0,f.aY)(l)} \xB7 ${(0,f.aY)(k)}`,`**What to do**: ${$===null?(0,f.CS)(I):`${(0,f.CS)($.advice)}${$.page===null?"":`: ${(0,f.nf)((0,f.CS)($.page),$.page)}`}`}`,...a.url===null?[]:[`The mirror is ${(0,f.CS)(g(a.access))}.`],...[...a.isUsable?[]:[u],...m(a)].map(d=>`\u2139\uFE0F ${(0,f.CS)(d)}`)].join(`

`)}const I="register it at the server of the repository as a deploy key; give the URL of the repository to be told where",u="the URL is not an ssh URL: the key is of use with the ssh URL of the repository only",m=({isMaskedByRunner:a})=>a?["a runner hides parts of this public key, because the same text stands in the secret: to see it whole, run `public-key` on a terminal, or store the private key as base64 of its file"]:[],g=a=>a==="write"?"the destination: the key needs write access":"the source: the key need only read";function O(a){const $=U(a);return[`${(0,A.e4)($)} ${(0,S._7)($)}`,(0,S.Pr)($)]}const U=a=>Buffer.from(a.split(" ")[1]??"","base64")}),29338:((V,C,r)=>{r.d(C,{c:()=>A});const A=(f,b)=>S(f,b);function S(f,b){if(typeof f=="string")return b(f);if(typeof f!="object"||f===null)return f;const j=f;let L=null;for(const N in j){const h=S(j[N],b);h!==j[N]&&(L??=Array.isArray(f)?[...f]:{...f},L[N]=h)}return L??f}}),96860:((V,C,r)=>{r.d(C,{Du:()=>I,L2:()=>u,VE:()=>h,kD:()=>a});var A=r(59874),S=r(82202),f=r(48085),b=r(19511),j=r(10787);const L=["auth-secret","token","ssh-key-passphrase","known-host-keys","ca-certificate","client-certificate","client-key"],N=["json","verbose","help"],h=l=>`REPOSITORY_MIRRORING_${l.toUpperCase().replaceAll("-","_")}`,M=b.m.filter(l=>!("actionOnly"in l)&&!("secret"in l));function I(l,k){const d={},R=[],T=[],D=[],P=new Set;for(const{name:F}of b.m.filter(W=>"secret"in W)){const W=k[h(F)];W!==void 0&&(d[F]=W)}for(let F=0;F<l.length;F++){const W=l[F]??"";if(W==="-h")P.add("help");else if(!W.startsWith("--"))D.push(W);else{const[J="",...Y]=W.slice(2).split("="),Z=l[F+1],H=g(J,Y.length>0?Y.join("="):null,Z??null);typeof H=="string"?(T.push(H),Y.length===0&&Z!==void 0&&!Z.startsWith("-")&&((0,b.c)(J)!==void 0||D.length>=2)&&F++):(H.takesNext&&F++,H.kind==="switch"?P.add(J):H.kind==="file"?R.push({input:H.input,path:H.value}):d[H.input]=H.input in d&&m.has(H.input)?`${d[H.input]}
${H.value}`:H.value)}}const[B,G,...z]=D,{source:Q,destination:_}=u(d.direction);if(B!==void 0&&(d[Q]=B),G!==void 0&&(d[_]=G),!P.has("help")&&(z.length>0&&T.push(`too many arguments: ${(0,S.s)(z.join(" "))}`),G===void 0))throw T.push(`${B===void 0?"FROM and TO are":"TO is"} missing: give the URLs of the source and of the destination`),new A.H("settings-invalid",T.join(`
`),{hint:"see `--help`"});return{raw:d,files:R,json:P.has("json"),verbose:P.has("verbose"),help:P.has("help"),problems:T}}function u(l){return(0,f.R7)((0,f.lo)(l)).source==="there"?{source:"remote-url",destination:"repository-url"}:{source:"repository-url",destination:"remote-url"}}const m=new Set(["branches","tags","known-host-keys","push-options","fail-on"]);function g(l,k,d){if(N.some(B=>B===l))return k===null?{kind:"switch",takesNext:!1}:`--${l} takes no value`;const R=L.find(B=>l===`${B}-file`),T=R===void 0?(0,b.c)(l):void 0;if(T?.secret)return`--${l} would show the secret to every process on this machine: use the variable ${h(l)}, or --${l}-file`;if(R===void 0&&(T===void 0||T.actionOnly))return(0,j.ap)(l)??U(l);if(T?.boolean&&k===null)return{kind:"value",input:T.name,value:"true",takesNext:!1};const D=k??d;if(D===null)return`--${l} needs a value`;const P=k===null;return R!==void 0?{kind:"file",input:R,value:D,takesNext:P}:{kind:"value",input:l,value:D,takesNext:P}}const O=[...M.map(({name:l})=>l),...L.map(l=>`${l}-file`),...N];function U(l){const k=a(l,O);return`unknown flag --${l}${k===null?"":`; did you mean --${k}?`}`}function a(l,k){const d=k.map(T=>({other:T,distance:$(l,T)})).sort((T,D)=>T.distance-D.distance),[R]=d;return R&&R.distance<=Math.max(2,l.length/3)?R.other:null}function $(l,k){let d=Array.from({length:k.length+1},(R,T)=>T);for(let R=1;R<=l.length;R++){const T=[R];for(let D=1;D<=k.length;D++){const P=(d[D-1]??0)+(l[R-1]===k[D-1]?0:1);T.push(Math.min(P,(d[D]??0)+1,(T[D-1]??0)+1))}d=T}return d[k.length]??0}})};export{Be as id,Ve as ids,Ge as modules};
