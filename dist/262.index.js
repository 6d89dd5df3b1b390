const Ge=262,Ye=[262],Je={64262:((G,N,o)=>{o.d(N,{cli:()=>Le});var P=o(51455),j=o(76760),u=o(10533),R=o(59874),A=o(73024),U=o(48161),L=o(46756);const h=t=>!!t.NO_COLOR||t.TERM==="dumb",S=100,D=1e4,f="\r\x1B[K";function g(t,{verbose:s,plain:n=!1,onState:e}){const r=[],i=v=>(0,u.Yk)(v,r),c=t.isTTY===!0&&!n,y=(0,L.o)(c?S:D);let O=0;const m=()=>{O>0&&t.write(f),O=0},w=v=>{m(),t.write(`${i(v)}
`)};return{kind:"terminal",verbose:s,temporaryDirectory:(0,U.tmpdir)(),mask:v=>{r.push(...v)},hide:i,info:w,debug:v=>{s&&w(v)},progress:v=>{if(v===null)m();else if(y())c?t.write(`${f}${H(O++)} ${i(v())}`):w(v());else return},annotate:async()=>{},output:async()=>{},saveState:e,summary:async()=>{}}}const d=20,$=4;function H(t){const s=t%(2*(d-$)),n=Math.min(s,2*(d-$)-s);return`[${" ".repeat(n)}${"=".repeat($)}${" ".repeat(d-$-n)}]`}function a(t,s=!1){const n={};for(const[e,r]of[["SIGINT",130],["SIGTERM",143],["SIGHUP",129]])process.once(e,()=>{process.once("exit",()=>{for(const i of Object.values(n))(0,A.rmSync)(i,{recursive:!0,force:!0})}),process.stderr.write(`interrupted: a push that was under way may still land; run again to see
`),process.exit(r)});return g(process.stderr,{verbose:s,plain:h(t),onState:(e,r)=>{n[e]=r}})}var k=o(83822),l=o(83080),p=o(82202),E=o(89579),b=o(88692),T=o(29338),M=o(96860),C=o(48085),B=o(19511);const J=100,Z=`Exit codes:
  0 fine \xB7 1 refs rejected or diverged, or the remote refused \xB7 2 settings
  3 host not trusted or not authorised \xB7 4 network \xB7 70 a bug of ours`,Q=t=>`repository-mirroring ${t}
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
${Z}
`,se={mirror:"Make the branches and tags of TO equal to those of FROM. Every change holds only while TO is as it was read.",plan:"Show what `mirror` would do. Reads both sides, changes neither.",verify:"Tell whether the branches and tags of TO are equal to those of FROM, and how each that is not differs.\nReads both sides, changes neither. Exits with 1 where they differ, unless --fail-on never.\nThe flags of `mirror` that only tell how to change something may be given, and are of no effect."},F=new Set(["dry-run","max-deletions","backup","backup-days","allow-unrelated","atomic","push-options","lfs","lfs-url","remote-lfs-url","lfs-batch-size"]),W=(t,s)=>t==="mirror"||(t==="plan"?s!=="dry-run":!F.has(s));function Y(t){const s=B.m,n=s.filter(({secret:e,actionOnly:r,name:i})=>!e&&!r&&W(t,i));return`${se[t]}

Usage:
  repository-mirroring ${t} FROM TO [flags]
  repository-mirroring ${t} --config FILE [--only NAMES] [--jobs N] [--json] [--verbose]

FROM is always the source. It is your own repository and TO the remote one; with --direction pull, FROM is the
remote one and TO your own; with --direction bidirectional changes go both ways, and FROM is your own.
The remote one takes "auth-secret" and "--username", your own takes "token".

--config names a YAML file of many mirrors (docs/many-mirrors.md), all or those of --only, --jobs (4) at a time.
One that fails does not stop the others; the exit code is the worst of all.

Flags:
${n.map(e=>V(`--${e.name}${e.boolean?"":" VALUE"}`,X(e))).join(`
`)}
${V("--known-host-keys-file PATH","the same from a file, e.g. ~/.ssh/known_hosts; likewise --ca-certificate-file, --client-certificate-file")}
${V("--json","print the report as JSON")}
${V("--verbose","say more on stderr")}

Secrets are never flags. Give each in a variable, or in a file:
${s.filter(({secret:e})=>e).map(({name:e,description:r})=>V(`${(0,M.VE)(e)}, --${e}-file PATH`,r.replace("the repository of the run","your own repository"))).join(`
`)}

${Z}
`}const X=({description:t,default:s})=>s===""||s==="false"||t.includes("Default:")?t:`${t}. Default: ${s}`;function V(t,s){const n=[""];for(const e of s.replaceAll("`","").split(" ")){const r=n.at(-1)??"";r.length+e.length+7>J?n.push(e):n[n.length-1]=r===""?e:`${r} ${e}`}return[`  ${t}`,...n.map(e=>`      ${e}`)].join(`
`)}const I=["known-host-keys","known-host-keys-file","json","help"],ce=`Show all host keys of an SSH server, compared with what is known of it. Trusts none of them and sends no credentials.

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
`;function ve(t){const s=[],n=[],e=[],r=[],i=new Set;for(let y=0;y<t.length;y++){const O=t[y]??"",[,m="",,w=null]=/^--([^=]*)(=(.*))?$/s.exec(O)??[];if(O==="-h")i.add("help");else if(!O.startsWith("-"))n.push(O);else if(m==="json"||m==="help")i.add(m);else if(m==="known-host-keys"||m==="known-host-keys-file"){const v=w??t[++y];v===void 0?s.push(`--${m} needs a value`):m==="known-host-keys"?e.push(v):r.push({input:"known-host-keys",path:v})}else{const v=(0,M.kD)(m,I);s.push(`unknown flag ${(0,p.s)(O.split("=",1)[0]??"")}${v===null?"":`; did you mean --${v}?`}`)}}return n.length>1&&s.push(`too many arguments: ${(0,p.s)(n.slice(1).join(" "))}`),e.length>0&&r.length>0&&s.push("--known-host-keys and --known-host-keys-file exclude each other"),{raw:{"remote-url":n[0]??"","known-host-keys":e.join(`
`)},files:r,json:i.has("json"),verbose:!1,help:i.has("help"),problems:s}}var $e=o(20105);function ne(t,s){const n=[...s.values,...s.switches,"help"],e=[],r=new Map,i=new Set,c=[];for(let O=0;O<t.length;O++){const m=t[O]??"",[,w="",,v=null]=/^--([^=]*)(=(.*))?$/s.exec(m)??[];if(m==="-h")i.add("help");else if(!m.startsWith("-"))e.push(m);else if(s.values.includes(w)){const K=v??t[++O];K===void 0||K===""?c.push(`--${w} needs a value`):r.has(w)?c.push(`--${w} is given twice`):r.set(w,K)}else if(s.values.includes(`${w}-file`))c.push(`--${w} would show the secret to every process on this machine: use the variable ${(0,M.VE)(w)}, or --${w}-file`),v===null&&O++;else if(n.includes(w))v===null?i.add(w):c.push(`--${w} takes no value`);else{const K=(0,M.kD)(w,n);c.push(`unknown flag ${(0,p.s)(m.split("=",1)[0]??"")}${K===null?"":`; did you mean --${K}?`}`)}}const y=e.slice(s.positional);return y.length>0&&c.push(`too many arguments: ${(0,p.s)(y.join(" "))}`),{positional:e.slice(0,s.positional),values:r,switches:i,problems:c}}var z=o(39416);const Ee=["ed25519","rsa"],oe=(0,M.VE)("ssh-key-passphrase"),Oe=`Make a key pair for one mirror, and say where each half goes. The private half is never shown unless you ask for it.

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

${oe}, --ssh-key-passphrase-file PATH
      encrypt the private half with this passphrase

The public half goes to stdout, all else to stderr.

Exit codes:
  0 made \xB7 2 settings, or a file or secret that could not be written \xB7 70 a bug of ours
`;function ke(t,s){const e=ne(t,{values:["type","out","comment","secret","repo","ssh-key-passphrase-file"],switches:["print"],positional:1}),r=e.values.get("ssh-key-passphrase-file"),i=s[oe];return{raw:{"remote-url":e.positional[0]??"",...i!==void 0&&{"ssh-key-passphrase":i}},files:r===void 0?[]:[{input:"ssh-key-passphrase",path:r}],json:!1,verbose:!1,help:e.switches.has("help"),problems:e.problems,flags:e}}function Te({flags:t,problems:s},n){const e=[...s],r=(0,z.HU)(t.values.get("type")??"ed25519",Ee);"problem"in r&&e.push(`--type: ${r.problem}`);const i=t.values.get("comment")?.trim()??"repository-mirroring";/[\p{Cc}\p{Zl}\p{Zp}]/u.test(i)&&e.push("--comment: must be one line, without control characters");const c=n["remote-url"]?.trim()??"",y=c===""?null:(0,$e.J)(c,{allowInsecureHttp:!0});y!==null&&"problem"in y&&e.push(`URL: ${y.problem}`);const O=n["ssh-key-passphrase"]?.replace(/\r?\n$/,"");O===""&&e.push(`${oe} (or --ssh-key-passphrase-file): is empty`);const m=Me(t,e),[w]=e;if(e.length===1&&w!==void 0)throw new R.H("settings-invalid",w,he);if(m===null||"problem"in r||e.length>0)throw new R.H("settings-invalid",`${e.length} problems:
${e.map(v=>`- ${v}`).join(`
`)}`,he);return{type:r.value,comment:i,passphrase:O??null,target:m,url:y===null||"problem"in y?null:y}}const he={hint:"see `keygen --help`"};function Me({values:t,switches:s},n){const[e,r,i]=["out","secret","repo"].map(y=>t.get(y)),c=[e,r].filter(y=>y!==void 0).length+(s.has("print")?1:0);return c===0&&n.push("where the private half goes is missing: give --out PATH, --secret NAME with --repo OWNER/NAME, or --print"),c>1&&n.push("--out, --secret and --print exclude each other"),i!==void 0&&r===void 0&&n.push("--repo is of no use without --secret"),r!==void 0&&!/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(r)&&n.push(`--secret: must be letters, digits and underscores, not begin with a digit or GITHUB_, not ${(0,z.TL)(r)}`),r!==void 0&&i===void 0&&n.push("--repo is missing: give the repository of the secret as OWNER/NAME"),i!==void 0&&!/^(?:[\w.-]+(?::\d+)?\/)?\w[\w.-]*\/[\w.-]+$/.test(i)&&n.push(`--repo: must be OWNER/NAME, or HOST/OWNER/NAME, not ${(0,z.TL)(i)}`),r!==void 0&&i!==void 0?{to:"secret",name:r,repository:i}:e!==void 0?{to:"file",path:e}:s.has("print")?{to:"stdout"}:null}var Re=o(29411);const ue=4,Se=t=>t.some(s=>s==="--config"||s.startsWith("--config="));function be(t,s){const n=ne(t,{values:["config","only","jobs"],switches:["dry-run","json","verbose"],positional:0}),e=n.values.get("only"),r=e===void 0?null:(0,z.E1)(e),i=(0,z.oA)(n.values.get("jobs")??String(ue),{from:1,to:64});return{file:n.values.get("config")??"",only:r??[],jobs:"value"in i?i.value:ue,base:{...s,...n.switches.has("dry-run")&&{"dry-run":"true"}},json:n.switches.has("json"),verbose:n.switches.has("verbose"),help:n.switches.has("help"),problems:[...je(n),...r?.length===0?["--only names no mirror"]:[],..."problem"in i?[`--jobs ${i.problem}`]:[]]}}const je=({problems:t})=>t.map(s=>s.startsWith("unknown flag")?`${s} (with --config, what is said of a mirror stands in the file)`:s);var Pe=o(28435);const fe=["auth-secret","ssh-key-passphrase"],Ae=`Show the public half of a private key, and where to register it. Sends nothing to anybody.

Usage:
  repository-mirroring public-key [URL] [flags]

URL is that of the mirror; with it, the page where the key is registered can be named.

Flags:
  --username NAME
      user name at the mirror, where its URL names none. Default: git
  --json
      print everything as JSON

Secrets are never flags. Give each in a variable, or in a file:
  ${(0,M.VE)("auth-secret")}, --auth-secret-file PATH
      the private key: OpenSSH, PEM or PKCS#8, or base64 of such a file
  ${(0,M.VE)("ssh-key-passphrase")}, --ssh-key-passphrase-file PATH
      its passphrase, if it has one

The public half goes to stdout, all else to stderr.

Exit codes:
  0 shown \xB7 2 settings, or a key that cannot be used \xB7 3 no key is given \xB7 70 a bug of ours
`;function Ue(t,s){const n=fe.map(c=>({input:c,flag:`${c}-file`})),e=ne(t,{values:["username",...n.map(({flag:c})=>c)],switches:["json"],positional:1}),r={"remote-url":e.positional[0]??"",username:e.values.get("username")??""};for(const c of fe){const y=s[(0,M.VE)(c)];y!==void 0&&(r[c]=y)}const i=n.flatMap(({input:c,flag:y})=>{const O=e.values.get(y);return O===void 0?[]:[{input:c,path:O}]});return{raw:r,files:i,json:e.switches.has("json"),verbose:!1,help:e.switches.has("help"),problems:e.problems}}var de=o(77118),pe=o(84663),me=o(52553),re=o(58508);const De=3,He=["mirror","plan","verify","host-keys","public-key","keygen","demo","help","version"];async function Le(t,s,n){process.stdout.on("error",i=>{if(i.code!=="EPIPE")throw i});const[e="help",...r]=t;switch(e){case"mirror":case"plan":case"verify":return Se(r)?await Ne(e,r,s,n):await Ie(e,r,s,n);case"host-keys":return await Ce(r,s);case"public-key":return await xe(r,s);case"keygen":return await Ke(r,s);case"demo":return await Fe(r,s,n);case"help":case"--help":case"-h":return x(Q(re.x));case"version":case"--version":return x(`${re.x}
`);default:{const i=(0,M.kD)(e,He);return process.stderr.write(`unknown command "${(0,p.s)(e)}"${i===null?"":`; did you mean ${i}?`}

${Q(re.x)}`),2}}}function x(t){return process.stdout.write(t),0}const ge={mirror:{},plan:{"dry-run":"true"},verify:{operation:"verify"}};async function Ie(t,s,n,e){const r=new Date,i=a(n,s.includes("--verbose")||n.RUNNER_DEBUG==="1");let c=s.includes("--json"),y=new Set(pe.d$),O="push",m;try{const w=(0,M.Du)(s,n);if(w.help)return x(Y(t));c=w.json,O=(0,C.lo)(w.raw.direction);const v={...await te(w),...ge[t]};i.mask((0,de.Fj)(v).flatMap(Ve=>(0,u.eo)(Ve,(0,de.ev)(v))));const K=We(v.direction),Be={serverUrl:null,nameOf:K,resolvePath:j.resolve,windows:process.platform==="win32",isTokenOfRun:()=>!1,agentSocket:n.SSH_AUTH_SOCK??null,apiUrl:n.GITHUB_API_URL??n.CI_API_V4_URL??null},le=(0,Pe.P$)(v,Be,[...w.problems,...await(0,l.rk)(v["branch-regex"],K("branch-regex"))]);i.mask((0,u.Co)((0,Re.U)(le))),y=le.failOn,m=await(0,k.e7)(le,i,ae(n,e))}catch(w){m=(0,k.kS)(R.H.from(w),r,O,t==="verify"?"verify":"mirror")}return m=(0,T.c)(m,i.hide),process.stdout.write(await ie(m,{json:c,colour:ee(n),width:ye(),everything:i.verbose??!1})),(0,E.I)(m,y)}async function Ne(t,s,n,e){const r=new Date,i=be(s,ge[t]);if(i.help)return x(Y(t));try{const{mirrorConfigured:c}=await Promise.all([o.e(815),o.e(699),o.e(752)]).then(o.bind(o,25864)),y={colour:ee(n),width:ye()},O={environment:n,host:a(n,i.verbose||n.RUNNER_DEBUG==="1"),surroundings:ae(n,e),look:y,say:x};return await c(i,O)}catch(c){return await q(R.H.from(c),r,{json:i.json,env:n})}}async function ie(t,{json:s,...n}){if(s){const{reportJson:r}=await o.e(121).then(o.bind(o,94121));return r(t)}const{renderText:e}=await o.e(920).then(o.bind(o,13920));return e(t,n)}async function Ce(t,s){const n=new Date,e=ve(t);if(e.help)return x(ce);try{const r=K=>K==="remote-url"?"HOST":`--${K}`,{detectHostKeys:i}=await Promise.all([o.e(472),o.e(566)]).then(o.bind(o,29185)),c={nameOf:r,hostAlone:!0},{notes:y,outputs:O,json:m,problem:w}=await i(await te(e),c,e.problems),v=O["host-keys"]??"";return e.json?x(m):_(v===""?[]:[`${v}
`],[y]),w===null?0:De}catch(r){return await q(R.H.from(r),n,{json:e.json,env:s})}}async function xe(t,s){const n=new Date,e=Ue(t,s);if(e.help)return x(Ae);try{const r=await te(e),i=m=>m==="remote-url"?"URL":we(m),{showPublicKey:c}=await Promise.all([o.e(472),o.e(271)]).then(o.bind(o,39652)),{keys:y,json:O}=c(r,{nameOf:i,serverUrl:null},e.problems);if(e.json)return x(O);for(const m of y)_([`${m.line}
`],(0,b._K)(m));return 0}catch(r){return await q(R.H.from(r),n,{json:e.json,env:s})}}async function Ke(t,s){const n=new Date,e=a(s),r=ke(t,s);if(r.help)return x(Oe);try{const i=Te(r,await te(r)),{generateKey:c}=await Promise.all([o.e(472),o.e(729)]).then(o.bind(o,75729)),O=await c(i,{environment:s,mask:v=>e.mask((0,u.eo)(v,[])),hide:e.hide,resolvePath:j.resolve}),{privateKey:m,publicKey:w}=O;return m===null?_([`${w}
`],(0,b.Cb)(i,O.shown)):_([m],[w,"",...(0,b.Cb)(i,O.shown)]),0}catch(i){return await q(R.H.from(i),n,{json:!1,env:s})}}function _(t,s){process.stdout.write(t.join("")),process.stderr.write(`${s.join(`
`)}
`)}async function q(t,s,{json:n,env:e}){const r=(0,k.kS)(t,s);return n?x(await ie(r,{json:n,colour:!1})):process.stderr.write(await ie(r,{json:n,colour:ee(e,process.stderr)})),(0,E.I)(r,new Set(pe.d$))}async function Fe(t,s,n){if(t.some(i=>i==="--help"||i==="-h"))return x(`Shows a mirror at work: starts an SSH git server inside this process, mirrors the repository of this directory to it,
changes a copy, mirrors again, and shows a wrong host key being refused. Changes nothing of yours.
`);if(t.length>0)return process.stderr.write(`demo takes no arguments, got "${(0,p.s)(t.join(" "))}"
`),2;const{demo:e}=await Promise.all([o.e(472),o.e(611)]).then(o.bind(o,23611)),r=ee(s);return await e({host:a(s),surroundings:ae(s,n),directory:process.cwd(),colour:r,say:i=>{process.stdout.write(i)}})}const ae=(t,s)=>({environment:t,program:s,now:()=>new Date,random:Math.random,pause:me.hT,alarm:me.dg}),ee=(t,s=process.stdout)=>s.isTTY===!0&&!h(t),ye=()=>process.stdout.columns||void 0,we=t=>(0,B.c)(t)?.secret?`${(0,M.VE)(t)} (or --${t}-file)`:`--${t}`;function We(t){const{source:s,destination:n}=(0,M.L2)(t);return e=>e===s?"FROM":e===n?"TO":we(e)}async function te({raw:t,files:s}){const n=await Promise.all(s.map(async({input:e,path:r})=>{const i=await(0,P.readFile)((0,j.resolve)(r),"utf8").catch(c=>{throw new R.H("settings-invalid",`--${e}-file: "${r}" could not be read: ${c instanceof Error?c.message:String(c)}`,{cause:c})});return[e,i]}));return{...t,...Object.fromEntries(n)}}}),69185:((G,N,o)=>{o.d(N,{Kl:()=>S,_h:()=>A,e4:()=>D,pR:()=>h});var P=o(37762),j=o(89111),u=o(3989),R=o(26866);function A({host:f,port:g,configured:d,warnings:$},H){const a=(0,R.lc)(f,g),k=U(H,(0,j.Wj)([...(0,R.Ti)(),...(0,R.Fp)()],f,g)),l=U(H,(0,j.Wj)(d,f,g)),p=H.map((E,b)=>{const T=k.standings[b]??"new";return{type:(0,P.iE)(E),blob:E,published:a===null&&T!=="revoked"?null:T,configured:d.length===0?null:l.standings[b]??"new",revocation:(0,R.Fp)().find(M=>(0,u.m0)(M,E))?.published??null}});return{name:(0,j.Sm)(f,g),host:f,port:g,provider:a,keys:p,missing:[...k.missing,...l.missing],warnings:$}}function U(f,g){const d=g.filter(l=>!l.revoked),$=d.filter(l=>!f.some(p=>(0,u.m0)(l,p))),H=$.length===d.length&&$.some(({kind:l})=>l==="fingerprint"),a=f.map(l=>{const p=g.filter(E=>(0,u.m0)(E,l));return p.some(({revoked:E})=>E)?"revoked":p.length>0?"same":H||$.some(E=>L(E,(0,P.iE)(l)))?"changed":"new"}),k=f.filter((l,p)=>a[p]==="changed").map(P.iE);return{standings:a,missing:$.filter(l=>!H&&!k.some(p=>L(l,p)))}}const L=(f,g)=>f.kind==="key"&&f.type===g;function h({keys:f}){const g=f.flatMap(({published:d,configured:$})=>[d,$]);return g.includes("revoked")?"revoked":g.includes("changed")?"changed":null}const S=({name:f,keys:g})=>g.filter(({published:d,configured:$})=>d!=="revoked"&&$!=="revoked").map(({type:d,blob:$})=>`${f} ${d} ${$.toString("base64")}`);function D(f){const g=(0,P.iE)(f),d=/^ecdsa-sha2-nistp(\d+)$/.exec(g)?.[1];if(d!==void 0)return Number(d);if(g!=="ssh-rsa")return 256;const $=(0,P.Nc)(f)?.[2]?.toString("hex").replace(/^0+/,"")??"";return $===""?0:($.length-1)*4+Number.parseInt($[0]??"0",16).toString(2).length}}),3989:((G,N,o)=>{o.d(N,{Hj:()=>R,Up:()=>U,cE:()=>L,m0:()=>A});var P=o(37762),j=o(92041),u=o(89111);function R({entries:h,host:S,port:D,offered:f}){const g=(0,P.iE)(f),d=(0,u.Wj)(h,S,D),$=d.filter(a=>A(a,f)),H=d.filter(a=>!a.revoked);return $.some(a=>a.revoked)?{verdict:"revoked"}:$.length>0?{verdict:"trusted"}:H.length===0?{verdict:"unknown"}:{verdict:H.some(a=>a.kind==="fingerprint"||a.type===g)?"changed":"other-type"}}function A(h,S){return h.kind==="key"?h.blob.equals(S):h.fingerprint===(h.hash==="MD5"?(0,P.Pr)(S):(0,P._7)(S))}function U({entries:h,host:S,port:D}){const f=(0,u.Wj)(h,S,D).filter(d=>!d.revoked);if(f.length===0)return j.a9;const g=(0,j.w2)(f.flatMap(d=>d.kind==="key"?[d.type]:[]));return f.some(d=>d.kind==="fingerprint")?[...g,...j.a9.filter(d=>!g.includes(d))]:g}function L(h,S,D){const f=$=>$.filter(H=>!S.includes(H)),g=D.at(-1);return g===void 0?f(j.a9):(0,u.Wj)(h.entries,h.host,h.port).some($=>$.hosts===null&&!$.revoked)&&g.verdict==="changed"?f(U(h)):[]}}),34902:((G,N,o)=>{o.d(N,{CS:()=>u,DV:()=>A,TM:()=>L,aY:()=>j,nf:()=>U});var P=o(9924);const j=h=>`<code>${(0,P.FV)(h)}</code>`;function u(h){return h.split(/`([^`\s](?:[^`]*[^`\s])?)`/).map((S,D)=>D%2===1?j(S):R(S)).join("")}const R=h=>`${/^\s/.test(h)?" ":""}${(0,P.FV)(h)}${/\S\s+$/.test(h)?" ":""}`;function A(h){const S=(0,P.UN)(h).trimEnd(),D=S.match(/`+/g)?.reduce((g,d)=>Math.max(g,d.length),0)??0,f="`".repeat(Math.max(3,D+1));return`${f}text
${S}
${f}`}const U=(h,S)=>/^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(S)?`[${h}](${S})`:h,L=(h,S)=>`<details><summary>${(0,P.FV)(h)}</summary>

${S}

</details>`}),88692:((G,N,o)=>{o.d(N,{Cb:()=>U,_K:()=>A,ow:()=>R});var P=o(69185),j=o(37762),u=o(34902);function R(a){return{keys:a,text:`${a.map(k=>[k.line,"",...A(k),...g(k)].join(`
`)).join(`

`)}
`,json:h(a),summary:`${a.map(S).join(`

`)}
`,outputs:{"ssh-public-key":a[0]?.line??""},problem:null}}function A(a){const{place:k}=a;return[`fingerprint: ${$(a.line).join(", ")}`,...a.url===null?[]:[`for: ${a.url}, ${d(a.access)}`],...k===null?[`what to do: ${D}`]:[...k.page===null?[]:[`where: ${k.page}`],`what to do: ${k.advice}`],...a.isUsable?[]:[f]]}function U({target:a,passphrase:k},l){return[...A(l),...L(a),...k===null?[]:["the private half is encrypted: store its passphrase as a secret, too, and give it as `ssh-key-passphrase`"]]}function L(a){switch(a.to){case"file":return[`private half: ${a.path}, for nobody's eyes but yours; public half: ${a.path}.pub`,`next: store it with \`gh secret set MIRROR_SSH_KEY < ${a.path}\`, give it as \`auth-secret\`, then delete both files`];case"secret":return[`private half: the secret ${a.name} of ${a.repository}, and nowhere else`,`next: give it as \`auth-secret: \${{ secrets.${a.name} }}\``];case"stdout":return["private half: on stdout, and nowhere else","next: store it as a secret, and give it as `auth-secret`"]}}function h(a){const k=a.map(({line:l,url:p,access:E,place:b})=>{const T=H(l);return{key:l,type:l.split(" ")[0],bits:(0,P.e4)(T),sha256:(0,j._7)(T),md5:(0,j.Pr)(T),url:p,access:E,page:b?.page??null,advice:b?.advice??null}});return`${JSON.stringify({version:1,keys:k},null,2)}
`}function S(a){const{place:k}=a,[l="",p=""]=$(a.line);return[`### \u{1F511} Public key${a.url===null?"":` for ${(0,u.aY)(a.url)}`}`,(0,u.DV)(a.line),`${(0,u.aY)(l)} \xB7 ${(0,u.aY)(p)}`,`**What to do**: ${k===null?(0,u.CS)(D):`${(0,u.CS)(k.advice)}${k.page===null?"":`: ${(0,u.nf)((0,u.CS)(k.page),k.page)}`}`}`,...a.url===null?[]:[`The mirror is ${(0,u.CS)(d(a.access))}.`],...[...a.isUsable?[]:[f],...g(a)].map(E=>`\u2139\uFE0F ${(0,u.CS)(E)}`)].join(`

`)}const D="register it at the server of the repository as a deploy key; give the URL of the repository to be told where",f="the URL is not an ssh URL: the key is of use with the ssh URL of the repository only",g=({isMaskedByRunner:a})=>a?["a runner hides parts of this public key, because the same text stands in the secret: to see it whole, run `public-key` on a terminal, or store the private key as base64 of its file"]:[],d=a=>a==="write"?"the destination: the key needs write access":"the source: the key need only read";function $(a){const k=H(a);return[`${(0,P.e4)(k)} ${(0,j._7)(k)}`,(0,j.Pr)(k)]}const H=a=>Buffer.from(a.split(" ")[1]??"","base64")}),29338:((G,N,o)=>{o.d(N,{c:()=>P});const P=(u,R)=>j(u,R);function j(u,R){if(typeof u=="string")return R(u);if(typeof u!="object"||u===null)return u;const A=u;let U=null;for(const L in A){const h=j(A[L],R);h!==A[L]&&(U??=Array.isArray(u)?[...u]:{...u},U[L]=h)}return U??u}}),96860:((G,N,o)=>{o.d(N,{Du:()=>D,L2:()=>f,VE:()=>h,kD:()=>a});var P=o(59874),j=o(82202),u=o(48085),R=o(19511),A=o(10787);const U=["auth-secret","token","ssh-key-passphrase","known-host-keys","ca-certificate","client-certificate","client-key"],L=["json","verbose","help"],h=l=>`REPOSITORY_MIRRORING_${l.toUpperCase().replaceAll("-","_")}`,S=R.m.filter(l=>!("actionOnly"in l)&&!("secret"in l));function D(l,p){const E={},b=[],T=[],M=[],C=new Set;for(const{name:F}of R.m.filter(W=>"secret"in W)){const W=p[h(F)];W!==void 0&&(E[F]=W)}for(let F=0;F<l.length;F++){const W=l[F]??"";if(W==="-h")C.add("help");else if(!W.startsWith("--"))M.push(W);else{const[Y="",...X]=W.slice(2).split("="),V=l[F+1],I=d(Y,X.length>0?X.join("="):null,V??null);typeof I=="string"?(T.push(I),X.length===0&&V!==void 0&&!V.startsWith("-")&&((0,R.c)(Y)!==void 0||M.length>=2)&&F++):(I.takesNext&&F++,I.kind==="switch"?C.add(Y):I.kind==="file"?b.push({input:I.input,path:I.value}):E[I.input]=I.input in E&&g.has(I.input)?`${E[I.input]}
${I.value}`:I.value)}}const[B,J,...Z]=M,{source:Q,destination:se}=f(E.direction);if(B!==void 0&&(E[Q]=B),J!==void 0&&(E[se]=J),!C.has("help")&&(Z.length>0&&T.push(`too many arguments: ${(0,j.s)(Z.join(" "))}`),J===void 0))throw T.push(`${B===void 0?"FROM and TO are":"TO is"} missing: give the URLs of the source and of the destination`),new P.H("settings-invalid",T.join(`
`),{hint:"see `--help`"});return{raw:E,files:b,json:C.has("json"),verbose:C.has("verbose"),help:C.has("help"),problems:T}}function f(l){return(0,u.R7)((0,u.lo)(l)).source==="there"?{source:"remote-url",destination:"repository-url"}:{source:"repository-url",destination:"remote-url"}}const g=new Set(["branches","tags","known-host-keys","push-options","fail-on"]);function d(l,p,E){if(L.some(B=>B===l))return p===null?{kind:"switch",takesNext:!1}:`--${l} takes no value`;const b=U.find(B=>l===`${B}-file`),T=b===void 0?(0,R.c)(l):void 0;if(T?.secret)return`--${l} would show the secret to every process on this machine: use the variable ${h(l)}, or --${l}-file`;if(b===void 0&&(T===void 0||T.actionOnly))return(0,A.ap)(l)??H(l);if(T?.boolean&&p===null)return{kind:"value",input:T.name,value:"true",takesNext:!1};const M=p??E;if(M===null)return`--${l} needs a value`;const C=p===null;return b!==void 0?{kind:"file",input:b,value:M,takesNext:C}:{kind:"value",input:l,value:M,takesNext:C}}const $=[...S.map(({name:l})=>l),...U.map(l=>`${l}-file`),...L];function H(l){const p=a(l,$);return`unknown flag --${l}${p===null?"":`; did you mean --${p}?`}`}function a(l,p){const E=p.map(T=>({other:T,distance:k(l,T)})).sort((T,M)=>T.distance-M.distance),[b]=E;return b&&b.distance<=Math.max(2,l.length/3)?b.other:null}function k(l,p){let E=Array.from({length:p.length+1},(b,T)=>T);for(let b=1;b<=l.length;b++){const T=[b];for(let M=1;M<=p.length;M++){const C=(E[M-1]??0)+(l[b-1]===p[M-1]?0:1);T.push(Math.min(C,(E[M]??0)+1,(T[M-1]??0)+1))}E=T}return E[p.length]??0}})};export{Ge as id,Ye as ids,Je as modules};
