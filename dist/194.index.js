const Ae=194,je=[194],be={194:((B,N,o)=>{o.d(N,{cli:()=>Ee});var R=o(3024),M=o(1455),u=o(6760),j=o(8500),A=o(533),P=o(9874),D=o(8161),g=o(6756);const T=100,U=1e4,d="\r\x1B[K";function v(n,{verbose:r,onState:i}){const e=[],t=m=>(0,A.Yk)(m,e),a=n.isTTY===!0,f=(0,g.o)(a?T:U);let $=0;const k=()=>{$>0&&n.write(d),$=0},w=m=>{k(),n.write(`${t(m)}
`)};return{kind:"terminal",temporaryDirectory:(0,D.tmpdir)(),mask:m=>{e.push(...m)},hide:t,info:w,debug:m=>{r&&w(m)},progress:m=>{if(m===null)k();else if(f())a?n.write(`${d}${l($++)} ${t(m())}`):w(m());else return},annotate:async()=>{},output:async()=>{},saveState:i,summary:async()=>{}}}const y=20,E=4;function l(n){const r=n%(2*(y-E)),i=Math.min(r,2*(y-E)-r);return`[${" ".repeat(i)}${"=".repeat(E)}${" ".repeat(y-E-i)}]`}var s=o(4406),h=o(3080),c=o(2202),p=o(9579),O=o(8692),b=o(9338),S=o(6860),F=o(9511);const Y=100,K=`Exit codes:
  0 fine \xB7 1 refs rejected or diverged, or the remote refused \xB7 2 settings
  3 host not trusted or not authorised \xB7 4 network \xB7 70 a bug of ours`,x=n=>`repository-mirroring ${n}
Keep a git repository and its mirror in step.

Usage:
  repository-mirroring mirror FROM TO [flags]   make TO equal to FROM: branches and tags
  repository-mirroring plan FROM TO [flags]     show what mirror would do; change nothing
  repository-mirroring host-keys HOST[:PORT]    show the host keys of an SSH server, to be verified
  repository-mirroring keygen [URL] [flags]     make a key pair for one mirror
  repository-mirroring public-key [URL]         show the public half of a private key, and where to register it
  repository-mirroring demo                     see it at work on a throw-away server of its own
  repository-mirroring COMMAND --help           all flags of a command

FROM and TO are ssh://, git@host:path, https:// or file:// URLs, or paths.
${K}
`;function V(n){const r=n==="plan"?"Show what `mirror` would do. Reads both sides, changes neither.":"Make the branches and tags of TO equal to those of FROM. Every change holds only while TO is as it was read.",i=F.m,e=i.filter(({secret:t,actionOnly:a,name:f})=>!t&&!a&&!(n==="plan"&&f==="dry-run"));return`${r}

Usage:
  repository-mirroring ${n} FROM TO [flags]

Flags:
${e.map(t=>W(`--${t.name}${t.boolean?"":" VALUE"}`,G(t))).join(`
`)}
${W("--known-host-keys-file PATH","the same from a file, e.g. ~/.ssh/known_hosts; likewise --ca-certificate-file, --client-certificate-file")}
${W("--json","print the report as JSON")}
${W("--verbose","say more on stderr")}

Secrets are never flags. Give each in a variable, or in a file:
${i.filter(({secret:t})=>t).map(({name:t,description:a})=>W(`${(0,S.VE)(t)}, --${t}-file PATH`,a.replace("of the run","at FROM"))).join(`
`)}

${K}
`}const G=({description:n,default:r})=>r===""||r==="false"||n.includes("Default:")?n:`${n}. Default: ${r}`;function W(n,r){const i=[""];for(const e of r.replaceAll("`","").split(" ")){const t=i.at(-1)??"";t.length+e.length+7>Y?i.push(e):i[i.length-1]=t===""?e:`${t} ${e}`}return[`  ${n}`,...i.map(e=>`      ${e}`)].join(`
`)}const L=["known-host-keys","known-host-keys-file","json","help"],ne=`Show all host keys of an SSH server, compared with what is known of it. Trusts none of them and sends no credentials.

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
`;function he(n){const r=[],i=[],e=[],t=[],a=new Set;for(let $=0;$<n.length;$++){const k=n[$]??"",[,w="",,m=null]=/^--([^=]*)(=(.*))?$/s.exec(k)??[];if(k==="-h")a.add("help");else if(!k.startsWith("-"))i.push(k);else if(w==="json"||w==="help")a.add(w);else if(w==="known-host-keys"||w==="known-host-keys-file"){const H=m??n[++$];H===void 0?r.push(`--${w} needs a value`):w==="known-host-keys"?e.push(H):t.push({input:"known-host-keys",path:H})}else{const H=(0,S.kD)(w,L);r.push(`unknown flag ${(0,c.s)(k.split("=",1)[0]??"")}${H===null?"":`; did you mean --${H}?`}`)}}return i.length>1&&r.push(`too many arguments: ${(0,c.s)(i.slice(1).join(" "))}`),e.length>0&&t.length>0&&r.push("--known-host-keys and --known-host-keys-file exclude each other"),{raw:{"remote-url":i[0]??"","known-host-keys":e.join(`
`)},files:t,json:a.has("json"),verbose:!1,help:a.has("help"),problems:r}}var ue=o(105);function oe(n,r){const i=[...r.values,...r.switches,"help"],e=[],t=new Map,a=new Set,f=[];for(let k=0;k<n.length;k++){const w=n[k]??"",[,m="",,H=null]=/^--([^=]*)(=(.*))?$/s.exec(w)??[];if(w==="-h")a.add("help");else if(!w.startsWith("-"))e.push(w);else if(r.values.includes(m)){const I=H??n[++k];I===void 0||I===""?f.push(`--${m} needs a value`):t.has(m)?f.push(`--${m} is given twice`):t.set(m,I)}else if(r.values.includes(`${m}-file`))f.push(`--${m} would show the secret to every process on this machine: use the variable ${(0,S.VE)(m)}, or --${m}-file`),H===null&&k++;else if(i.includes(m))H===null?a.add(m):f.push(`--${m} takes no value`);else{const I=(0,S.kD)(m,i);f.push(`unknown flag ${(0,c.s)(w.split("=",1)[0]??"")}${I===null?"":`; did you mean --${I}?`}`)}}const $=e.slice(r.positional);return $.length>0&&f.push(`too many arguments: ${(0,c.s)($.join(" "))}`),{positional:e.slice(0,r.positional),values:t,switches:a,problems:f}}var X=o(9416);const fe=["ed25519","rsa"],z=(0,S.VE)("ssh-key-passphrase"),de=`Make a key pair for one mirror, and say where each half goes. The private half is never shown unless you ask for it.

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

${z}, --ssh-key-passphrase-file PATH
      encrypt the private half with this passphrase

The public half goes to stdout, all else to stderr.

Exit codes:
  0 made \xB7 2 settings, or a file or secret that could not be written \xB7 70 a bug of ours
`;function pe(n,r){const e=oe(n,{values:["type","out","comment","secret","repo","ssh-key-passphrase-file"],switches:["print"],positional:1}),t=e.values.get("ssh-key-passphrase-file"),a=r[z];return{raw:{"remote-url":e.positional[0]??"",...a!==void 0&&{"ssh-key-passphrase":a}},files:t===void 0?[]:[{input:"ssh-key-passphrase",path:t}],json:!1,verbose:!1,help:e.switches.has("help"),problems:e.problems,flags:e}}function me({flags:n,problems:r},i){const e=[...r],t=(0,X.HU)(n.values.get("type")??"ed25519",fe);"problem"in t&&e.push(`--type: ${t.problem}`);const a=n.values.get("comment")?.trim()??"repository-mirroring";/[\p{Cc}\p{Zl}\p{Zp}]/u.test(a)&&e.push("--comment: must be one line, without control characters");const f=i["remote-url"]?.trim()??"",$=f===""?null:(0,ue.J)(f,{allowInsecureHttp:!0});$!==null&&"problem"in $&&e.push(`URL: ${$.problem}`);const k=i["ssh-key-passphrase"]?.replace(/\r?\n$/,"");k===""&&e.push(`${z} (or --ssh-key-passphrase-file): is empty`);const w=ge(n,e),[m]=e;if(e.length===1&&m!==void 0)throw new P.H("settings-invalid",m,re);if(w===null||"problem"in t||e.length>0)throw new P.H("settings-invalid",`${e.length} problems:
${e.map(H=>`- ${H}`).join(`
`)}`,re);return{type:t.value,comment:a,passphrase:k??null,target:w,url:$===null||"problem"in $?null:$}}const re={hint:"see `keygen --help`"};function ge({values:n,switches:r},i){const[e,t,a]=["out","secret","repo"].map($=>n.get($)),f=[e,t].filter($=>$!==void 0).length+(r.has("print")?1:0);return f===0&&i.push("where the private half goes is missing: give --out PATH, --secret NAME with --repo OWNER/NAME, or --print"),f>1&&i.push("--out, --secret and --print exclude each other"),a!==void 0&&t===void 0&&i.push("--repo is of no use without --secret"),t!==void 0&&!/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(t)&&i.push(`--secret: must be letters, digits and underscores, not begin with a digit or GITHUB_, not ${(0,X.TL)(t)}`),t!==void 0&&a===void 0&&i.push("--repo is missing: give the repository of the secret as OWNER/NAME"),a!==void 0&&!/^(?:[\w.-]+(?::\d+)?\/)?\w[\w.-]*\/[\w.-]+$/.test(a)&&i.push(`--repo: must be OWNER/NAME, or HOST/OWNER/NAME, not ${(0,X.TL)(a)}`),t!==void 0&&a!==void 0?{to:"secret",name:t,repository:a}:e!==void 0?{to:"file",path:e}:r.has("print")?{to:"stdout"}:null}var ye=o(3858);const ie=["auth-secret","ssh-key-passphrase"],we=`Show the public half of a private key, and where to register it. Sends nothing to anybody.

Usage:
  repository-mirroring public-key [URL] [flags]

URL is that of the mirror; with it, the page where the key is registered can be named.

Flags:
  --username NAME
      user name at the mirror, where its URL names none. Default: git
  --json
      print everything as JSON

Secrets are never flags. Give each in a variable, or in a file:
  ${(0,S.VE)("auth-secret")}, --auth-secret-file PATH
      the private key: OpenSSH, PEM or PKCS#8, or base64 of such a file
  ${(0,S.VE)("ssh-key-passphrase")}, --ssh-key-passphrase-file PATH
      its passphrase, if it has one

The public half goes to stdout, all else to stderr.

Exit codes:
  0 shown \xB7 2 settings, or a key that cannot be used \xB7 3 no key is given \xB7 70 a bug of ours
`;function ve(n,r){const i=ie.map(f=>({input:f,flag:`${f}-file`})),e=oe(n,{values:["username",...i.map(({flag:f})=>f)],switches:["json"],positional:1}),t={"remote-url":e.positional[0]??"",username:e.values.get("username")??""};for(const f of ie){const $=r[(0,S.VE)(f)];$!==void 0&&(t[f]=$)}const a=i.flatMap(({input:f,flag:$})=>{const k=e.values.get($);return k===void 0?[]:[{input:f,path:k}]});return{raw:t,files:a,json:e.switches.has("json"),verbose:!1,help:e.switches.has("help"),problems:e.problems}}var ae=o(7118),le=o(4663),Q=o(8508);const $e=3,ke=["mirror","plan","host-keys","public-key","keygen","demo","help","version"];async function Ee(n,r,i){process.stdout.on("error",a=>{if(a.code!=="EPIPE")throw a});const[e="help",...t]=n;switch(e){case"mirror":case"plan":return await Oe(e,t,r,i);case"host-keys":return await Te(t,r);case"public-key":return await Se(t,r);case"keygen":return await Pe(t,r);case"demo":return await Re(t,r,i);case"help":case"--help":case"-h":return C(x(Q.x));case"version":case"--version":return C(`${Q.x}
`);default:{const a=(0,S.kD)(e,ke);return process.stderr.write(`unknown command "${(0,c.s)(e)}"${a===null?"":`; did you mean ${a}?`}

${x(Q.x)}`),2}}}function C(n){return process.stdout.write(n),0}async function Oe(n,r,i,e){const t=new Date,a=te(r.includes("--verbose"));let f=r.includes("--json"),$=new Set(le.d),k;try{const w=(0,S.Du)(r,i);if(w.help)return C(V(n));f=w.json;const m={...await Z(w),...n==="plan"&&{"dry-run":"true"}};a.mask((0,ae.Fj)(m).flatMap(Me=>(0,A.eo)(Me,(0,ae.ev)(m))));const H={serverUrl:null,nameOf:se,resolvePath:u.resolve,windows:process.platform==="win32",isTokenOfRun:()=>!1,agentSocket:i.SSH_AUTH_SOCK??null,apiUrl:i.GITHUB_API_URL??i.CI_API_V4_URL??null},I=(0,ye.P)(m,H,[...w.problems,...await(0,h.rk)(m["branch-regex"],se("branch-regex"))]);a.mask((0,A.Co)([I.here,I.there])),$=I.failOn,k=await(0,s.e)(I,a,ce(i,e))}catch(w){k=(0,s.k)(P.H.from(w),t)}return k=(0,b.c)(k,a.hide),process.stdout.write(await _(k,{json:f,colour:ee(i),width:process.stdout.columns})),(0,p.I)(k,$)}async function _(n,{json:r,...i}){if(r){const{reportJson:t}=await o.e(121).then(o.bind(o,4121));return t(n)}const{renderText:e}=await o.e(920).then(o.bind(o,3920));return e(n,i)}async function Te(n,r){const i=new Date,e=he(n);if(e.help)return C(ne);try{const t=I=>I==="remote-url"?"HOST":`--${I}`,{detectHostKeys:a}=await Promise.all([o.e(472),o.e(566)]).then(o.bind(o,1566)),f={nameOf:t,hostAlone:!0},{notes:$,outputs:k,json:w,problem:m}=await a(await Z(e),f,e.problems),H=k["host-keys"]??"";return e.json?C(w):J(H===""?[]:[`${H}
`],[$]),m===null?0:$e}catch(t){return await q(P.H.from(t),i,{json:e.json,env:r})}}async function Se(n,r){const i=new Date,e=ve(n,r);if(e.help)return C(we);try{const t=await Z(e),a=w=>w==="remote-url"?"URL":se(w),{showPublicKey:f}=await Promise.all([o.e(472),o.e(271)]).then(o.bind(o,9652)),{keys:$,json:k}=f(t,{nameOf:a,serverUrl:null},e.problems);if(e.json)return C(k);for(const w of $)J([`${w.line}
`],(0,O._K)(w));return 0}catch(t){return await q(P.H.from(t),i,{json:e.json,env:r})}}async function Pe(n,r){const i=new Date,e=te(!1),t=pe(n,r);if(t.help)return C(de);try{const a=me(t,await Z(t)),{generateKey:f}=await Promise.all([o.e(472),o.e(729)]).then(o.bind(o,5729)),k=await f(a,{environment:r,mask:H=>e.mask((0,A.eo)(H,[])),hide:e.hide,resolvePath:u.resolve}),{privateKey:w,publicKey:m}=k;return w===null?J([`${m}
`],(0,O.Cb)(a,k.shown)):J([w],[m,"",...(0,O.Cb)(a,k.shown)]),0}catch(a){return await q(P.H.from(a),i,{json:!1,env:r})}}function J(n,r){process.stdout.write(n.join("")),process.stderr.write(`${r.join(`
`)}
`)}async function q(n,r,{json:i,env:e}){const t=(0,s.k)(n,r);return i?C(await _(t,{json:i,colour:!1})):process.stderr.write(await _(t,{json:i,colour:ee(e,process.stderr)})),(0,p.I)(t,new Set(le.d))}async function Re(n,r,i){if(n.some(a=>a==="--help"||a==="-h"))return C(`Shows a mirror at work: starts an SSH git server inside this process, mirrors the repository of this directory to it,
changes a copy, mirrors again, and shows a wrong host key being refused. Changes nothing of yours.
`);if(n.length>0)return process.stderr.write(`demo takes no arguments, got "${(0,c.s)(n.join(" "))}"
`),2;const{demo:e}=await Promise.all([o.e(472),o.e(611)]).then(o.bind(o,3611)),t=ee(r);return await e({host:te(!1),surroundings:ce(r,i),directory:process.cwd(),colour:t,say:a=>{process.stdout.write(a)}})}const ce=(n,r)=>({environment:n,program:r,now:()=>new Date,random:Math.random,pause:async i=>{await(0,j.setTimeout)(i)}}),ee=(n,r=process.stdout)=>r.isTTY===!0&&!n.NO_COLOR;function te(n){const r={};for(const[i,e]of[["SIGINT",130],["SIGTERM",143],["SIGHUP",129]])process.once(i,()=>{for(const t of Object.values(r))(0,R.rmSync)(t,{recursive:!0,force:!0});process.stderr.write(`interrupted: a push that was under way may still land; run again to see
`),process.exit(e)});return v(process.stderr,{verbose:n,onState:(i,e)=>{r[i]=e}})}function se(n){return n==="repository-url"?"FROM":n==="remote-url"?"TO":(0,F.c)(n)?.secret?`${(0,S.VE)(n)} (or --${n}-file)`:`--${n}`}async function Z({raw:n,files:r}){const i=await Promise.all(r.map(async({input:e,path:t})=>{const a=await(0,M.readFile)((0,u.resolve)(t),"utf8").catch(f=>{throw new P.H("settings-invalid",`--${e}-file: "${t}" could not be read: ${f instanceof Error?f.message:String(f)}`,{cause:f})});return[e,a]}));return{...n,...Object.fromEntries(i)}}}),9185:((B,N,o)=>{o.d(N,{Kl:()=>T,_h:()=>A,e4:()=>U,pR:()=>g});var R=o(7762),M=o(9111),u=o(3989),j=o(6866);function A({host:d,port:v,configured:y,warnings:E},l){const s=(0,j.lc)(d,v),h=P(l,(0,M.Wj)([...(0,j.Ti)(),...(0,j.Fp)()],d,v)),c=P(l,(0,M.Wj)(y,d,v)),p=l.map((O,b)=>{const S=h.standings[b]??"new";return{type:(0,R.iE)(O),blob:O,published:s===null&&S!=="revoked"?null:S,configured:y.length===0?null:c.standings[b]??"new",revocation:(0,j.Fp)().find(F=>(0,u.m0)(F,O))?.published??null}});return{name:(0,M.Sm)(d,v),host:d,port:v,provider:s,keys:p,missing:[...h.missing,...c.missing],warnings:E}}function P(d,v){const y=v.filter(c=>!c.revoked),E=y.filter(c=>!d.some(p=>(0,u.m0)(c,p))),l=E.length===y.length&&E.some(({kind:c})=>c==="fingerprint"),s=d.map(c=>{const p=v.filter(O=>(0,u.m0)(O,c));return p.some(({revoked:O})=>O)?"revoked":p.length>0?"same":l||E.some(O=>D(O,(0,R.iE)(c)))?"changed":"new"}),h=d.filter((c,p)=>s[p]==="changed").map(R.iE);return{standings:s,missing:E.filter(c=>!l&&!h.some(p=>D(c,p)))}}const D=(d,v)=>d.kind==="key"&&d.type===v;function g({keys:d}){const v=d.flatMap(({published:y,configured:E})=>[y,E]);return v.includes("revoked")?"revoked":v.includes("changed")?"changed":null}const T=({name:d,keys:v})=>v.filter(({published:y,configured:E})=>y!=="revoked"&&E!=="revoked").map(({type:y,blob:E})=>`${d} ${y} ${E.toString("base64")}`);function U(d){const v=(0,R.iE)(d),y=/^ecdsa-sha2-nistp(\d+)$/.exec(v)?.[1];if(y!==void 0)return Number(y);if(v!=="ssh-rsa")return 256;const E=(0,R.Nc)(d)?.[2]?.toString("hex").replace(/^0+/,"")??"";return E===""?0:(E.length-1)*4+Number.parseInt(E[0]??"0",16).toString(2).length}}),3989:((B,N,o)=>{o.d(N,{Hj:()=>j,Up:()=>P,cE:()=>D,m0:()=>A});var R=o(7762),M=o(2041),u=o(9111);function j({entries:g,host:T,port:U,offered:d}){const v=(0,R.iE)(d),y=(0,u.Wj)(g,T,U),E=y.filter(s=>A(s,d)),l=y.filter(s=>!s.revoked);return E.some(s=>s.revoked)?{verdict:"revoked"}:E.length>0?{verdict:"trusted"}:l.length===0?{verdict:"unknown"}:{verdict:l.some(s=>s.kind==="fingerprint"||s.type===v)?"changed":"other-type"}}function A(g,T){return g.kind==="key"?g.blob.equals(T):g.fingerprint===(g.hash==="MD5"?(0,R.Pr)(T):(0,R._7)(T))}function P({entries:g,host:T,port:U}){const d=(0,u.Wj)(g,T,U).filter(y=>!y.revoked);if(d.length===0)return M.a9;const v=(0,M.w2)(d.flatMap(y=>y.kind==="key"?[y.type]:[]));return d.some(y=>y.kind==="fingerprint")?[...v,...M.a9.filter(y=>!v.includes(y))]:v}function D(g,T,U){const d=E=>E.filter(l=>!T.includes(l)),v=U.at(-1);return v===void 0?d(M.a9):(0,u.Wj)(g.entries,g.host,g.port).some(E=>E.hosts===null&&!E.revoked)&&v.verdict==="changed"?d(P(g)):[]}}),4902:((B,N,o)=>{o.d(N,{CS:()=>u,DV:()=>A,TM:()=>D,aY:()=>M,nf:()=>P});var R=o(9924);const M=g=>`<code>${(0,R.FV)(g)}</code>`;function u(g){return g.split(/`([^`\s](?:[^`]*[^`\s])?)`/).map((T,U)=>U%2===1?M(T):j(T)).join("")}const j=g=>`${/^\s/.test(g)?" ":""}${(0,R.FV)(g)}${/\S\s+$/.test(g)?" ":""}`;function A(g){const T=(0,R.UN)(g).trimEnd(),U=T.match(/`+/g)?.reduce((v,y)=>Math.max(v,y.length),0)??0,d="`".repeat(Math.max(3,U+1));return`${d}text
${T}
${d}`}const P=(g,T)=>/^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(T)?`[${g}](${T})`:g,D=(g,T)=>`<details><summary>${(0,R.FV)(g)}</summary>

${T}

</details>`}),8692:((B,N,o)=>{o.d(N,{Cb:()=>P,_K:()=>A,ow:()=>j});var R=o(9185),M=o(7762),u=o(4902);function j(s){return{keys:s,text:`${s.map(h=>[h.line,"",...A(h),...v(h)].join(`
`)).join(`

`)}
`,json:g(s),summary:`${s.map(T).join(`

`)}
`,outputs:{"ssh-public-key":s[0]?.line??""},problem:null}}function A(s){const{place:h}=s;return[`fingerprint: ${E(s.line).join(", ")}`,...s.url===null?[]:[`for: ${s.url}, ${y(s.access)}`],...h===null?[`what to do: ${U}`]:[...h.page===null?[]:[`where: ${h.page}`],`what to do: ${h.advice}`],...s.isUsable?[]:[d]]}function P({target:s,passphrase:h},c){return[...A(c),...D(s),...h===null?[]:["the private half is encrypted: store its passphrase as a secret, too, and give it as `ssh-key-passphrase`"]]}function D(s){switch(s.to){case"file":return[`private half: ${s.path}, for nobody's eyes but yours; public half: ${s.path}.pub`,`next: store it with \`gh secret set MIRROR_SSH_KEY < ${s.path}\`, give it as \`auth-secret\`, then delete both files`];case"secret":return[`private half: the secret ${s.name} of ${s.repository}, and nowhere else`,`next: give it as \`auth-secret: \${{ secrets.${s.name} }}\``];case"stdout":return["private half: on stdout, and nowhere else","next: store it as a secret, and give it as `auth-secret`"]}}function g(s){const h=s.map(({line:c,url:p,access:O,place:b})=>{const S=l(c);return{key:c,type:c.split(" ")[0],bits:(0,R.e4)(S),sha256:(0,M._7)(S),md5:(0,M.Pr)(S),url:p,access:O,page:b?.page??null,advice:b?.advice??null}});return`${JSON.stringify({version:1,keys:h},null,2)}
`}function T(s){const{place:h}=s,[c="",p=""]=E(s.line);return[`### \u{1F511} Public key${s.url===null?"":` for ${(0,u.aY)(s.url)}`}`,(0,u.DV)(s.line),`${(0,u.aY)(c)} \xB7 ${(0,u.aY)(p)}`,`**What to do**: ${h===null?(0,u.CS)(U):`${(0,u.CS)(h.advice)}${h.page===null?"":`: ${(0,u.nf)((0,u.CS)(h.page),h.page)}`}`}`,...s.url===null?[]:[`The mirror is ${(0,u.CS)(y(s.access))}.`],...[...s.isUsable?[]:[d],...v(s)].map(O=>`\u2139\uFE0F ${(0,u.CS)(O)}`)].join(`

`)}const U="register it at the server of the repository as a deploy key; give the URL of the repository to be told where",d="the URL is not an ssh URL: the key is of use with the ssh URL of the repository only",v=({isMaskedByRunner:s})=>s?["a runner hides parts of this public key, because the same text stands in the secret: to see it whole, run `public-key` on a terminal, or store the private key as base64 of its file"]:[],y=s=>s==="write"?"the destination: the key needs write access":"the source: the key need only read";function E(s){const h=l(s);return[`${(0,R.e4)(h)} ${(0,M._7)(h)}`,(0,M.Pr)(h)]}const l=s=>Buffer.from(s.split(" ")[1]??"","base64")}),9338:((B,N,o)=>{o.d(N,{c:()=>R});const R=(u,j)=>M(u,j);function M(u,j){if(typeof u=="string")return j(u);if(typeof u!="object"||u===null)return u;const A=u;let P=null;for(const D in A){const g=M(A[D],j);g!==A[D]&&(P??=Array.isArray(u)?[...u]:{...u},P[D]=g)}return P??u}}),6860:((B,N,o)=>{o.d(N,{Du:()=>g,VE:()=>P,kD:()=>y});var R=o(9874),M=o(2202),u=o(9511);const j=["auth-secret","token","ssh-key-passphrase","known-host-keys","ca-certificate","client-certificate","client-key"],A=["json","verbose","help"],P=l=>`REPOSITORY_MIRRORING_${l.toUpperCase().replaceAll("-","_")}`,D=u.m.filter(l=>!("actionOnly"in l)&&!("secret"in l));function g(l,s){const h={},c=[],p=[],O=[],b=new Set;for(const{name:K}of u.m.filter(x=>"secret"in x)){const x=s[P(K)];x!==void 0&&(h[K]=x)}for(let K=0;K<l.length;K++){const x=l[K]??"";if(x==="-h")b.add("help");else if(!x.startsWith("--"))O.push(x);else{const[V="",...G]=x.slice(2).split("="),W=l[K+1],L=U(V,G.length>0?G.join("="):null,W??null);typeof L=="string"?(p.push(L),G.length===0&&W!==void 0&&!W.startsWith("-")&&((0,u.c)(V)!==void 0||O.length>=2)&&K++):(L.takesNext&&K++,L.kind==="switch"?b.add(V):L.kind==="file"?c.push({input:L.input,path:L.value}):h[L.input]=L.input in h&&T.has(L.input)?`${h[L.input]}
${L.value}`:L.value)}}const[S,F,...Y]=O;if(S!==void 0&&(h["repository-url"]=S),F!==void 0&&(h["remote-url"]=F),!b.has("help")&&(Y.length>0&&p.push(`too many arguments: ${(0,M.s)(Y.join(" "))}`),F===void 0))throw p.push(`${S===void 0?"FROM and TO are":"TO is"} missing: give the URLs of the source and of the mirror`),new R.H("settings-invalid",p.join(`
`),{hint:"see `--help`"});return{raw:h,files:c,json:b.has("json"),verbose:b.has("verbose"),help:b.has("help"),problems:p}}const T=new Set(["branches","tags","known-host-keys","push-options","fail-on"]);function U(l,s,h){if(A.some(S=>S===l))return s===null?{kind:"switch",takesNext:!1}:`--${l} takes no value`;const c=j.find(S=>l===`${S}-file`),p=c===void 0?(0,u.c)(l):void 0;if(p?.secret)return`--${l} would show the secret to every process on this machine: use the variable ${P(l)}, or --${l}-file`;if(c===void 0&&(p===void 0||p.actionOnly))return v(l);if(p?.boolean&&s===null)return{kind:"value",input:p.name,value:"true",takesNext:!1};const O=s??h;if(O===null)return`--${l} needs a value`;const b=s===null;return c!==void 0?{kind:"file",input:c,value:O,takesNext:b}:{kind:"value",input:l,value:O,takesNext:b}}const d=[...D.map(({name:l})=>l),...j.map(l=>`${l}-file`),...A];function v(l){const s=y(l,d);return`unknown flag --${l}${s===null?"":`; did you mean --${s}?`}`}function y(l,s){const h=s.map(p=>({other:p,distance:E(l,p)})).sort((p,O)=>p.distance-O.distance),[c]=h;return c&&c.distance<=Math.max(2,l.length/3)?c.other:null}function E(l,s){let h=Array.from({length:s.length+1},(c,p)=>p);for(let c=1;c<=l.length;c++){const p=[c];for(let O=1;O<=s.length;O++){const b=(h[O-1]??0)+(l[c-1]===s[O-1]?0:1);p.push(Math.min(b,(h[O]??0)+1,(p[O-1]??0)+1))}h=p}return h[s.length]??0}})};export{Ae as id,je as ids,be as modules};
