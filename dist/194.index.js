const Re=194,je=[194],Ae={194:((B,K,r)=>{r.d(K,{cli:()=>ke});var M=r(3024),R=r(1455),u=r(6760),A=r(8500),j=r(533),P=r(9874),U=r(8161),m=r(6756);const S=100,H=1e4,p="\r\x1B[K";function v(n,{verbose:o,onState:i}){const e=[],t=w=>(0,j.Yk)(w,e),a=n.isTTY===!0,f=(0,m.o)(a?S:H);let $=0;const k=()=>{$>0&&n.write(p),$=0},y=w=>{k(),n.write(`${t(w)}
`)};return{kind:"terminal",temporaryDirectory:(0,U.tmpdir)(),mask:w=>{e.push(...w)},hide:t,info:y,debug:w=>{o&&y(w)},progress:w=>{if(w===null)k();else if(f())a?n.write(`${p}${c($++)} ${t(w())}`):y(w());else return},annotate:async()=>{},output:async()=>{},saveState:i,summary:async()=>{}}}const g=20,E=4;function c(n){const o=n%(2*(g-E)),i=Math.min(o,2*(g-E)-o);return`[${" ".repeat(i)}${"=".repeat(E)}${" ".repeat(g-E-i)}]`}var s=r(4856),l=r(2202),h=r(9579),d=r(8692),O=r(9338),T=r(6860),D=r(9511);const F=100,V=`Exit codes:
  0 fine \xB7 1 refs rejected or diverged, or the remote refused \xB7 2 settings
  3 host not trusted or not authorised \xB7 4 network \xB7 70 a bug of ours`,C=n=>`repository-mirroring ${n}
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
${V}
`;function I(n){const o=n==="plan"?"Show what `mirror` would do. Reads both sides, changes neither.":"Make the branches and tags of TO equal to those of FROM. Every change holds only while TO is as it was read.",i=D.m,e=i.filter(({secret:t,actionOnly:a,name:f})=>!t&&!a&&!(n==="plan"&&f==="dry-run"));return`${o}

Usage:
  repository-mirroring ${n} FROM TO [flags]

Flags:
${e.map(t=>W(`--${t.name}${t.boolean?"":" VALUE"}`,Y(t))).join(`
`)}
${W("--known-host-keys-file PATH","the same from a file, e.g. ~/.ssh/known_hosts; likewise --ca-certificate-file, --client-certificate-file")}
${W("--json","print the report as JSON")}
${W("--verbose","say more on stderr")}

Secrets are never flags. Give each in a variable, or in a file:
${i.filter(({secret:t})=>t).map(({name:t,description:a})=>W(`${(0,T.VE)(t)}, --${t}-file PATH`,a.replace("of the run","at FROM"))).join(`
`)}

${V}
`}const Y=({description:n,default:o})=>o===""||o==="false"||n.includes("Default:")?n:`${n}. Default: ${o}`;function W(n,o){const i=[""];for(const e of o.replaceAll("`","").split(" ")){const t=i.at(-1)??"";t.length+e.length+7>F?i.push(e):i[i.length-1]=t===""?e:`${t} ${e}`}return[`  ${n}`,...i.map(e=>`      ${e}`)].join(`
`)}const G=["known-host-keys","known-host-keys-file","json","help"],L=`Show all host keys of an SSH server, compared with what is known of it. Trusts none of them and sends no credentials.

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
`;function se(n){const o=[],i=[],e=[],t=[],a=new Set;for(let $=0;$<n.length;$++){const k=n[$]??"",[,y="",,w=null]=/^--([^=]*)(=(.*))?$/s.exec(k)??[];if(k==="-h")a.add("help");else if(!k.startsWith("-"))i.push(k);else if(y==="json"||y==="help")a.add(y);else if(y==="known-host-keys"||y==="known-host-keys-file"){const b=w??n[++$];b===void 0?o.push(`--${y} needs a value`):y==="known-host-keys"?e.push(b):t.push({input:"known-host-keys",path:b})}else{const b=(0,T.kD)(y,G);o.push(`unknown flag ${(0,l.s)(k.split("=",1)[0]??"")}${b===null?"":`; did you mean --${b}?`}`)}}return i.length>1&&o.push(`too many arguments: ${(0,l.s)(i.slice(1).join(" "))}`),e.length>0&&t.length>0&&o.push("--known-host-keys and --known-host-keys-file exclude each other"),{raw:{"remote-url":i[0]??"","known-host-keys":e.join(`
`)},files:t,json:a.has("json"),verbose:!1,help:a.has("help"),problems:o}}var he=r(105);function ne(n,o){const i=[...o.values,...o.switches,"help"],e=[],t=new Map,a=new Set,f=[];for(let k=0;k<n.length;k++){const y=n[k]??"",[,w="",,b=null]=/^--([^=]*)(=(.*))?$/s.exec(y)??[];if(y==="-h")a.add("help");else if(!y.startsWith("-"))e.push(y);else if(o.values.includes(w)){const N=b??n[++k];N===void 0||N===""?f.push(`--${w} needs a value`):t.has(w)?f.push(`--${w} is given twice`):t.set(w,N)}else if(o.values.includes(`${w}-file`))f.push(`--${w} would show the secret to every process on this machine: use the variable ${(0,T.VE)(w)}, or --${w}-file`),b===null&&k++;else if(i.includes(w))b===null?a.add(w):f.push(`--${w} takes no value`);else{const N=(0,T.kD)(w,i);f.push(`unknown flag ${(0,l.s)(y.split("=",1)[0]??"")}${N===null?"":`; did you mean --${N}?`}`)}}const $=e.slice(o.positional);return $.length>0&&f.push(`too many arguments: ${(0,l.s)($.join(" "))}`),{positional:e.slice(0,o.positional),values:t,switches:a,problems:f}}var X=r(9416);const ue=["ed25519","rsa"],z=(0,T.VE)("ssh-key-passphrase"),fe=`Make a key pair for one mirror, and say where each half goes. The private half is never shown unless you ask for it.

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
`;function de(n,o){const e=ne(n,{values:["type","out","comment","secret","repo","ssh-key-passphrase-file"],switches:["print"],positional:1}),t=e.values.get("ssh-key-passphrase-file"),a=o[z];return{raw:{"remote-url":e.positional[0]??"",...a!==void 0&&{"ssh-key-passphrase":a}},files:t===void 0?[]:[{input:"ssh-key-passphrase",path:t}],json:!1,verbose:!1,help:e.switches.has("help"),problems:e.problems,flags:e}}function pe({flags:n,problems:o},i){const e=[...o],t=(0,X.HU)(n.values.get("type")??"ed25519",ue);"problem"in t&&e.push(`--type: ${t.problem}`);const a=n.values.get("comment")?.trim()??"repository-mirroring";/[\p{Cc}\p{Zl}\p{Zp}]/u.test(a)&&e.push("--comment: must be one line, without control characters");const f=i["remote-url"]?.trim()??"",$=f===""?null:(0,he.J)(f,{allowInsecureHttp:!0});$!==null&&"problem"in $&&e.push(`URL: ${$.problem}`);const k=i["ssh-key-passphrase"]?.replace(/\r?\n$/,"");k===""&&e.push(`${z} (or --ssh-key-passphrase-file): is empty`);const y=me(n,e),[w]=e;if(e.length===1&&w!==void 0)throw new P.H("settings-invalid",w,oe);if(y===null||"problem"in t||e.length>0)throw new P.H("settings-invalid",`${e.length} problems:
${e.map(b=>`- ${b}`).join(`
`)}`,oe);return{type:t.value,comment:a,passphrase:k??null,target:y,url:$===null||"problem"in $?null:$}}const oe={hint:"see `keygen --help`"};function me({values:n,switches:o},i){const[e,t,a]=["out","secret","repo"].map($=>n.get($)),f=[e,t].filter($=>$!==void 0).length+(o.has("print")?1:0);return f===0&&i.push("where the private half goes is missing: give --out PATH, --secret NAME with --repo OWNER/NAME, or --print"),f>1&&i.push("--out, --secret and --print exclude each other"),a!==void 0&&t===void 0&&i.push("--repo is of no use without --secret"),t!==void 0&&!/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(t)&&i.push(`--secret: must be letters, digits and underscores, not begin with a digit or GITHUB_, not ${(0,X.TL)(t)}`),t!==void 0&&a===void 0&&i.push("--repo is missing: give the repository of the secret as OWNER/NAME"),a!==void 0&&!/^(?:[\w.-]+(?::\d+)?\/)?\w[\w.-]*\/[\w.-]+$/.test(a)&&i.push(`--repo: must be OWNER/NAME, or HOST/OWNER/NAME, not ${(0,X.TL)(a)}`),t!==void 0&&a!==void 0?{to:"secret",name:t,repository:a}:e!==void 0?{to:"file",path:e}:o.has("print")?{to:"stdout"}:null}var ge=r(3858);const re=["auth-secret","ssh-key-passphrase"],ye=`Show the public half of a private key, and where to register it. Sends nothing to anybody.

Usage:
  repository-mirroring public-key [URL] [flags]

URL is that of the mirror; with it, the page where the key is registered can be named.

Flags:
  --username NAME
      user name at the mirror, where its URL names none. Default: git
  --json
      print everything as JSON

Secrets are never flags. Give each in a variable, or in a file:
  ${(0,T.VE)("auth-secret")}, --auth-secret-file PATH
      the private key: OpenSSH, PEM or PKCS#8, or base64 of such a file
  ${(0,T.VE)("ssh-key-passphrase")}, --ssh-key-passphrase-file PATH
      its passphrase, if it has one

The public half goes to stdout, all else to stderr.

Exit codes:
  0 shown \xB7 2 settings, or a key that cannot be used \xB7 3 no key is given \xB7 70 a bug of ours
`;function we(n,o){const i=re.map(f=>({input:f,flag:`${f}-file`})),e=ne(n,{values:["username",...i.map(({flag:f})=>f)],switches:["json"],positional:1}),t={"remote-url":e.positional[0]??"",username:e.values.get("username")??""};for(const f of re){const $=o[(0,T.VE)(f)];$!==void 0&&(t[f]=$)}const a=i.flatMap(({input:f,flag:$})=>{const k=e.values.get($);return k===void 0?[]:[{input:f,path:k}]});return{raw:t,files:a,json:e.switches.has("json"),verbose:!1,help:e.switches.has("help"),problems:e.problems}}var ie=r(7118),ae=r(4663),Q=r(8508);const ve=3,$e=["mirror","plan","host-keys","public-key","keygen","demo","help","version"];async function ke(n,o,i){process.stdout.on("error",a=>{if(a.code!=="EPIPE")throw a});const[e="help",...t]=n;switch(e){case"mirror":case"plan":return await Ee(e,t,o,i);case"host-keys":return await Oe(t,o);case"public-key":return await Te(t,o);case"keygen":return await Se(t,o);case"demo":return await Pe(t,o,i);case"help":case"--help":case"-h":return x(C(Q.x));case"version":case"--version":return x(`${Q.x}
`);default:{const a=(0,T.kD)(e,$e);return process.stderr.write(`unknown command "${(0,l.s)(e)}"${a===null?"":`; did you mean ${a}?`}

${C(Q.x)}`),2}}}function x(n){return process.stdout.write(n),0}async function Ee(n,o,i,e){const t=new Date,a=te(o.includes("--verbose"));let f=o.includes("--json"),$=new Set(ae.d),k;try{const y=(0,T.Du)(o,i);if(y.help)return x(I(n));f=y.json;const w={...await Z(y),...n==="plan"&&{"dry-run":"true"}};a.mask((0,ie.Fj)(w).flatMap(Me=>(0,j.eo)(Me,(0,ie.ev)(w))));const b={serverUrl:null,nameOf:ce,resolvePath:u.resolve,windows:process.platform==="win32",isTokenOfRun:()=>!1,agentSocket:i.SSH_AUTH_SOCK??null},N=(0,ge.P)(w,b,y.problems);a.mask((0,j.Co)([N.here,N.there])),$=N.failOn,k=await(0,s.e)(N,a,le(i,e))}catch(y){k=(0,s.k)(P.H.from(y),t)}return k=(0,O.c)(k,a.hide),process.stdout.write(await _(k,{json:f,colour:ee(i),width:process.stdout.columns})),(0,h.I)(k,$)}async function _(n,{json:o,...i}){if(o){const{reportJson:t}=await r.e(121).then(r.bind(r,4121));return t(n)}const{renderText:e}=await r.e(920).then(r.bind(r,3920));return e(n,i)}async function Oe(n,o){const i=new Date,e=se(n);if(e.help)return x(L);try{const t=N=>N==="remote-url"?"HOST":`--${N}`,{detectHostKeys:a}=await Promise.all([r.e(472),r.e(566)]).then(r.bind(r,1566)),f={nameOf:t,hostAlone:!0},{notes:$,outputs:k,json:y,problem:w}=await a(await Z(e),f,e.problems),b=k["host-keys"]??"";return e.json?x(y):J(b===""?[]:[`${b}
`],[$]),w===null?0:ve}catch(t){return await q(P.H.from(t),i,{json:e.json,env:o})}}async function Te(n,o){const i=new Date,e=we(n,o);if(e.help)return x(ye);try{const t=await Z(e),a=y=>y==="remote-url"?"URL":ce(y),{showPublicKey:f}=await Promise.all([r.e(472),r.e(271)]).then(r.bind(r,9652)),{keys:$,json:k}=f(t,{nameOf:a,serverUrl:null},e.problems);if(e.json)return x(k);for(const y of $)J([`${y.line}
`],(0,d._K)(y));return 0}catch(t){return await q(P.H.from(t),i,{json:e.json,env:o})}}async function Se(n,o){const i=new Date,e=te(!1),t=de(n,o);if(t.help)return x(fe);try{const a=pe(t,await Z(t)),{generateKey:f}=await Promise.all([r.e(472),r.e(729)]).then(r.bind(r,5729)),k=await f(a,{environment:o,mask:b=>e.mask((0,j.eo)(b,[])),hide:e.hide,resolvePath:u.resolve}),{privateKey:y,publicKey:w}=k;return y===null?J([`${w}
`],(0,d.Cb)(a,k.shown)):J([y],[w,"",...(0,d.Cb)(a,k.shown)]),0}catch(a){return await q(P.H.from(a),i,{json:!1,env:o})}}function J(n,o){process.stdout.write(n.join("")),process.stderr.write(`${o.join(`
`)}
`)}async function q(n,o,{json:i,env:e}){const t=(0,s.k)(n,o);return i?x(await _(t,{json:i,colour:!1})):process.stderr.write(await _(t,{json:i,colour:ee(e,process.stderr)})),(0,h.I)(t,new Set(ae.d))}async function Pe(n,o,i){if(n.some(a=>a==="--help"||a==="-h"))return x(`Shows a mirror at work: starts an SSH git server inside this process, mirrors the repository of this directory to it,
changes a copy, mirrors again, and shows a wrong host key being refused. Changes nothing of yours.
`);if(n.length>0)return process.stderr.write(`demo takes no arguments, got "${(0,l.s)(n.join(" "))}"
`),2;const{demo:e}=await Promise.all([r.e(472),r.e(611)]).then(r.bind(r,3611)),t=ee(o);return await e({host:te(!1),surroundings:le(o,i),directory:process.cwd(),colour:t,say:a=>{process.stdout.write(a)}})}const le=(n,o)=>({environment:n,program:o,now:()=>new Date,random:Math.random,pause:async i=>{await(0,A.setTimeout)(i)}}),ee=(n,o=process.stdout)=>o.isTTY===!0&&!n.NO_COLOR;function te(n){const o={};for(const[i,e]of[["SIGINT",130],["SIGTERM",143],["SIGHUP",129]])process.once(i,()=>{for(const t of Object.values(o))(0,M.rmSync)(t,{recursive:!0,force:!0});process.stderr.write(`interrupted: a push that was under way may still land; run again to see
`),process.exit(e)});return v(process.stderr,{verbose:n,onState:(i,e)=>{o[i]=e}})}function ce(n){return n==="repository-url"?"FROM":n==="remote-url"?"TO":(0,D.c)(n)?.secret?`${(0,T.VE)(n)} (or --${n}-file)`:`--${n}`}async function Z({raw:n,files:o}){const i=await Promise.all(o.map(async({input:e,path:t})=>{const a=await(0,R.readFile)((0,u.resolve)(t),"utf8").catch(f=>{throw new P.H("settings-invalid",`--${e}-file: "${t}" could not be read: ${f instanceof Error?f.message:String(f)}`,{cause:f})});return[e,a]}));return{...n,...Object.fromEntries(i)}}}),9185:((B,K,r)=>{r.d(K,{Kl:()=>S,_h:()=>j,e4:()=>H,pR:()=>m});var M=r(7762),R=r(9111),u=r(3989),A=r(6866);function j({host:p,port:v,configured:g,warnings:E},c){const s=(0,A.lc)(p,v),l=P(c,(0,R.Wj)([...(0,A.Ti)(),...(0,A.Fp)()],p,v)),h=P(c,(0,R.Wj)(g,p,v)),d=c.map((O,T)=>{const D=l.standings[T]??"new";return{type:(0,M.iE)(O),blob:O,published:s===null&&D!=="revoked"?null:D,configured:g.length===0?null:h.standings[T]??"new",revocation:(0,A.Fp)().find(F=>(0,u.m0)(F,O))?.published??null}});return{name:(0,R.Sm)(p,v),host:p,port:v,provider:s,keys:d,missing:[...l.missing,...h.missing],warnings:E}}function P(p,v){const g=v.filter(h=>!h.revoked),E=g.filter(h=>!p.some(d=>(0,u.m0)(h,d))),c=E.length===g.length&&E.some(({kind:h})=>h==="fingerprint"),s=p.map(h=>{const d=v.filter(O=>(0,u.m0)(O,h));return d.some(({revoked:O})=>O)?"revoked":d.length>0?"same":c||E.some(O=>U(O,(0,M.iE)(h)))?"changed":"new"}),l=p.filter((h,d)=>s[d]==="changed").map(M.iE);return{standings:s,missing:E.filter(h=>!c&&!l.some(d=>U(h,d)))}}const U=(p,v)=>p.kind==="key"&&p.type===v;function m({keys:p}){const v=p.flatMap(({published:g,configured:E})=>[g,E]);return v.includes("revoked")?"revoked":v.includes("changed")?"changed":null}const S=({name:p,keys:v})=>v.filter(({published:g,configured:E})=>g!=="revoked"&&E!=="revoked").map(({type:g,blob:E})=>`${p} ${g} ${E.toString("base64")}`);function H(p){const v=(0,M.iE)(p),g=/^ecdsa-sha2-nistp(\d+)$/.exec(v)?.[1];if(g!==void 0)return Number(g);if(v!=="ssh-rsa")return 256;const E=(0,M.Nc)(p)?.[2]?.toString("hex").replace(/^0+/,"")??"";return E===""?0:(E.length-1)*4+Number.parseInt(E[0]??"0",16).toString(2).length}}),3989:((B,K,r)=>{r.d(K,{Hj:()=>A,Up:()=>P,cE:()=>U,m0:()=>j});var M=r(7762),R=r(2041),u=r(9111);function A({entries:m,host:S,port:H,offered:p}){const v=(0,M.iE)(p),g=(0,u.Wj)(m,S,H),E=g.filter(s=>j(s,p)),c=g.filter(s=>!s.revoked);return E.some(s=>s.revoked)?{verdict:"revoked"}:E.length>0?{verdict:"trusted"}:c.length===0?{verdict:"unknown"}:{verdict:c.some(s=>s.kind==="fingerprint"||s.type===v)?"changed":"other-type"}}function j(m,S){return m.kind==="key"?m.blob.equals(S):m.fingerprint===(m.hash==="MD5"?(0,M.Pr)(S):(0,M._7)(S))}function P({entries:m,host:S,port:H}){const p=(0,u.Wj)(m,S,H).filter(g=>!g.revoked);if(p.length===0)return R.a9;const v=(0,R.w2)(p.flatMap(g=>g.kind==="key"?[g.type]:[]));return p.some(g=>g.kind==="fingerprint")?[...v,...R.a9.filter(g=>!v.includes(g))]:v}function U(m,S,H){const p=E=>E.filter(c=>!S.includes(c)),v=H.at(-1);return v===void 0?p(R.a9):(0,u.Wj)(m.entries,m.host,m.port).some(E=>E.hosts===null&&!E.revoked)&&v.verdict==="changed"?p(P(m)):[]}}),4902:((B,K,r)=>{r.d(K,{CS:()=>u,DV:()=>j,TM:()=>U,aY:()=>R,nf:()=>P});var M=r(9924);const R=m=>`<code>${(0,M.FV)(m)}</code>`;function u(m){return m.split(/`([^`\s](?:[^`]*[^`\s])?)`/).map((S,H)=>H%2===1?R(S):A(S)).join("")}const A=m=>`${/^\s/.test(m)?" ":""}${(0,M.FV)(m)}${/\S\s+$/.test(m)?" ":""}`;function j(m){const S=(0,M.UN)(m).trimEnd(),H=S.match(/`+/g)?.reduce((v,g)=>Math.max(v,g.length),0)??0,p="`".repeat(Math.max(3,H+1));return`${p}text
${S}
${p}`}const P=(m,S)=>/^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(S)?`[${m}](${S})`:m,U=(m,S)=>`<details><summary>${(0,M.FV)(m)}</summary>

${S}

</details>`}),8692:((B,K,r)=>{r.d(K,{Cb:()=>P,_K:()=>j,ow:()=>A});var M=r(9185),R=r(7762),u=r(4902);function A(s){return{keys:s,text:`${s.map(l=>[l.line,"",...j(l),...v(l)].join(`
`)).join(`

`)}
`,json:m(s),summary:`${s.map(S).join(`

`)}
`,outputs:{"ssh-public-key":s[0]?.line??""},problem:null}}function j(s){const{place:l}=s;return[`fingerprint: ${E(s.line).join(", ")}`,...s.url===null?[]:[`for: ${s.url}, ${g(s.access)}`],...l===null?[`what to do: ${H}`]:[...l.page===null?[]:[`where: ${l.page}`],`what to do: ${l.advice}`],...s.isUsable?[]:[p]]}function P({target:s,passphrase:l},h){return[...j(h),...U(s),...l===null?[]:["the private half is encrypted: store its passphrase as a secret, too, and give it as `ssh-key-passphrase`"]]}function U(s){switch(s.to){case"file":return[`private half: ${s.path}, for nobody's eyes but yours; public half: ${s.path}.pub`,`next: store it with \`gh secret set MIRROR_SSH_KEY < ${s.path}\`, give it as \`auth-secret\`, then delete both files`];case"secret":return[`private half: the secret ${s.name} of ${s.repository}, and nowhere else`,`next: give it as \`auth-secret: \${{ secrets.${s.name} }}\``];case"stdout":return["private half: on stdout, and nowhere else","next: store it as a secret, and give it as `auth-secret`"]}}function m(s){const l=s.map(({line:h,url:d,access:O,place:T})=>{const D=c(h);return{key:h,type:h.split(" ")[0],bits:(0,M.e4)(D),sha256:(0,R._7)(D),md5:(0,R.Pr)(D),url:d,access:O,page:T?.page??null,advice:T?.advice??null}});return`${JSON.stringify({version:1,keys:l},null,2)}
`}function S(s){const{place:l}=s,[h="",d=""]=E(s.line);return[`### \u{1F511} Public key${s.url===null?"":` for ${(0,u.aY)(s.url)}`}`,(0,u.DV)(s.line),`${(0,u.aY)(h)} \xB7 ${(0,u.aY)(d)}`,`**What to do**: ${l===null?(0,u.CS)(H):`${(0,u.CS)(l.advice)}${l.page===null?"":`: ${(0,u.nf)((0,u.CS)(l.page),l.page)}`}`}`,...s.url===null?[]:[`The mirror is ${(0,u.CS)(g(s.access))}.`],...[...s.isUsable?[]:[p],...v(s)].map(O=>`\u2139\uFE0F ${(0,u.CS)(O)}`)].join(`

`)}const H="register it at the server of the repository as a deploy key; give the URL of the repository to be told where",p="the URL is not an ssh URL: the key is of use with the ssh URL of the repository only",v=({isMaskedByRunner:s})=>s?["a runner hides parts of this public key, because the same text stands in the secret: to see it whole, run `public-key` on a terminal, or store the private key as base64 of its file"]:[],g=s=>s==="write"?"the destination: the key needs write access":"the source: the key need only read";function E(s){const l=c(s);return[`${(0,M.e4)(l)} ${(0,R._7)(l)}`,(0,R.Pr)(l)]}const c=s=>Buffer.from(s.split(" ")[1]??"","base64")}),9338:((B,K,r)=>{r.d(K,{c:()=>M});const M=(u,A)=>R(u,A);function R(u,A){if(typeof u=="string")return A(u);if(typeof u!="object"||u===null)return u;const j=u;let P=null;for(const U in j){const m=R(j[U],A);m!==j[U]&&(P??=Array.isArray(u)?[...u]:{...u},P[U]=m)}return P??u}}),6860:((B,K,r)=>{r.d(K,{Du:()=>m,VE:()=>P,kD:()=>g});var M=r(9874),R=r(2202),u=r(9511);const A=["auth-secret","token","ssh-key-passphrase","known-host-keys","ca-certificate","client-certificate","client-key"],j=["json","verbose","help"],P=c=>`REPOSITORY_MIRRORING_${c.toUpperCase().replaceAll("-","_")}`,U=u.m.filter(c=>!("actionOnly"in c)&&!("secret"in c));function m(c,s){const l={},h=[],d=[],O=[],T=new Set;for(const{name:C}of u.m.filter(I=>"secret"in I)){const I=s[P(C)];I!==void 0&&(l[C]=I)}for(let C=0;C<c.length;C++){const I=c[C]??"";if(I==="-h")T.add("help");else if(!I.startsWith("--"))O.push(I);else{const[Y="",...W]=I.slice(2).split("="),G=c[C+1],L=H(Y,W.length>0?W.join("="):null,G??null);typeof L=="string"?(d.push(L),W.length===0&&G!==void 0&&!G.startsWith("-")&&((0,u.c)(Y)!==void 0||O.length>=2)&&C++):(L.takesNext&&C++,L.kind==="switch"?T.add(Y):L.kind==="file"?h.push({input:L.input,path:L.value}):l[L.input]=L.input in l&&S.has(L.input)?`${l[L.input]}
${L.value}`:L.value)}}const[D,F,...V]=O;if(D!==void 0&&(l["repository-url"]=D),F!==void 0&&(l["remote-url"]=F),!T.has("help")&&(V.length>0&&d.push(`too many arguments: ${(0,R.s)(V.join(" "))}`),F===void 0))throw d.push(`${D===void 0?"FROM and TO are":"TO is"} missing: give the URLs of the source and of the mirror`),new M.H("settings-invalid",d.join(`
`),{hint:"see `--help`"});return{raw:l,files:h,json:T.has("json"),verbose:T.has("verbose"),help:T.has("help"),problems:d}}const S=new Set(["branches","tags","known-host-keys","push-options","fail-on"]);function H(c,s,l){if(j.some(D=>D===c))return s===null?{kind:"switch",takesNext:!1}:`--${c} takes no value`;const h=A.find(D=>c===`${D}-file`),d=h===void 0?(0,u.c)(c):void 0;if(d?.secret)return`--${c} would show the secret to every process on this machine: use the variable ${P(c)}, or --${c}-file`;if(h===void 0&&(d===void 0||d.actionOnly))return v(c);if(d?.boolean&&s===null)return{kind:"value",input:d.name,value:"true",takesNext:!1};const O=s??l;if(O===null)return`--${c} needs a value`;const T=s===null;return h!==void 0?{kind:"file",input:h,value:O,takesNext:T}:{kind:"value",input:c,value:O,takesNext:T}}const p=[...U.map(({name:c})=>c),...A.map(c=>`${c}-file`),...j];function v(c){const s=g(c,p);return`unknown flag --${c}${s===null?"":`; did you mean --${s}?`}`}function g(c,s){const l=s.map(d=>({other:d,distance:E(c,d)})).sort((d,O)=>d.distance-O.distance),[h]=l;return h&&h.distance<=Math.max(2,c.length/3)?h.other:null}function E(c,s){let l=Array.from({length:s.length+1},(h,d)=>d);for(let h=1;h<=c.length;h++){const d=[h];for(let O=1;O<=s.length;O++){const T=(l[O-1]??0)+(c[h-1]===s[O-1]?0:1);d.push(Math.min(T,(l[O]??0)+1,(d[O-1]??0)+1))}l=d}return l[s.length]??0}})};export{Re as id,je as ids,Ae as modules};
