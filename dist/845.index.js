const fe=845,he=[845],pe={845:((ue,A,a)=>{a.d(A,{cli:()=>re});var C=a(3024),U=a(1455),x=a(6760),L=a(8500),O=a(533),S=a(9874),G=a(8161);function W(e,{verbose:o,onState:s}){const n=[],t=i=>(0,O.Yk)(i,n),r=i=>{e.write(`${t(i)}
`)};return{kind:"terminal",temporaryDirectory:(0,G.tmpdir)(),mask:i=>{n.push(...i)},hide:t,info:r,debug:i=>{o&&r(i)},annotate:()=>{},output:()=>{},saveState:s,summary:async()=>{}}}var R=a(4e3),T=a(2202),V=a(9579),Y=a(4121),b=a(9338),J=a(3920),p=a(9511);const M=["auth-secret","token","ssh-key-passphrase","known-host-keys","ca-certificate"],j=["json","verbose","help"],y=e=>`REPOSITORY_MIRRORING_${e.toUpperCase().replaceAll("-","_")}`,K=p.m.filter(e=>!("actionOnly"in e)&&!("secret"in e));function X(e,o){const s={},n=[],t=[],r=[],i=new Set;for(const{name:l}of p.m.filter(c=>"secret"in c)){const c=o[y(l)];c!==void 0&&(s[l]=c)}for(let l=0;l<e.length;l++){const c=e[l]??"";if(c==="-h")i.add("help");else if(!c.startsWith("--"))r.push(c);else{const[v="",...h]=c.slice(2).split("="),w=e[l+1],u=B(v,h.length>0?h.join("="):null,w??null);typeof u=="string"?(t.push(u),h.length===0&&w!==void 0&&!w.startsWith("-")&&((0,p.c)(v)!==void 0||r.length>=2)&&l++):(u.takesNext&&l++,u.kind==="switch"?i.add(v):u.kind==="file"?n.push({input:u.input,path:u.value}):s[u.input]=u.input in s&&z.has(u.input)?`${s[u.input]}
${u.value}`:u.value)}}const[f,d,...m]=r;if(f!==void 0&&(s["repository-url"]=f),d!==void 0&&(s["remote-url"]=d),!i.has("help")&&(m.length>0&&t.push(`too many arguments: ${(0,T.s)(m.join(" "))}`),d===void 0))throw t.push(`${f===void 0?"FROM and TO are":"TO is"} missing: give the URLs of the source and of the mirror`),new S.H("settings-invalid",t.join(`
`),{hint:"see `--help`"});return{raw:s,files:n,json:i.has("json"),verbose:i.has("verbose"),help:i.has("help"),problems:t}}const z=new Set(["branches","tags","known-host-keys","push-options","fail-on"]);function B(e,o,s){if(j.some(f=>f===e))return o===null?{kind:"switch",takesNext:!1}:`--${e} takes no value`;const n=M.find(f=>e===`${f}-file`),t=n===void 0?(0,p.c)(e):void 0;if(t?.secret)return`--${e} would show the secret to every process on this machine: use the variable ${y(e)}, or --${e}-file`;if(n===void 0&&(t===void 0||t.actionOnly))return Z(e);if(t?.boolean&&o===null)return{kind:"value",input:t.name,value:"true",takesNext:!1};const r=o??s;if(r===null)return`--${e} needs a value`;const i=o===null;return n!==void 0?{kind:"file",input:n,value:r,takesNext:i}:{kind:"value",input:e,value:r,takesNext:i}}const Q=[...K.map(({name:e})=>e),...M.map(e=>`${e}-file`),...j];function Z(e){const o=I(e,Q);return`unknown flag --${e}${o===null?"":`; did you mean --${o}?`}`}function I(e,o){const s=o.map(t=>({other:t,distance:q(e,t)})).sort((t,r)=>t.distance-r.distance),[n]=s;return n&&n.distance<=Math.max(2,e.length/3)?n.other:null}function q(e,o){let s=Array.from({length:o.length+1},(n,t)=>t);for(let n=1;n<=e.length;n++){const t=[n];for(let r=1;r<=o.length;r++){const i=(s[r-1]??0)+(e[n-1]===o[r-1]?0:1);t.push(Math.min(i,(s[r]??0)+1,(t[r-1]??0)+1))}s=t}return s[o.length]??0}const _=100,F=`Exit codes:
  0 fine \xB7 1 refs rejected or diverged, or the remote refused \xB7 2 settings
  3 host not trusted or not authorised \xB7 4 network \xB7 70 a bug of ours`,E=e=>`repository-mirroring ${e}
Keep a git repository and its mirror in step.

Usage:
  repository-mirroring mirror FROM TO [flags]   make TO equal to FROM: branches and tags
  repository-mirroring plan FROM TO [flags]     show what mirror would do; change nothing
  repository-mirroring demo                     see it at work on a throw-away server of its own
  repository-mirroring COMMAND --help           all flags of a command

FROM and TO are ssh://, git@host:path, https:// or file:// URLs, or paths.
${F}
`;function ee(e){const o=e==="plan"?"Show what `mirror` would do. Reads both sides, changes neither.":"Make the branches and tags of TO equal to those of FROM. Every change holds only while TO is as it was read.",s=p.m,n=s.filter(({secret:t,actionOnly:r,name:i})=>!t&&!r&&!(e==="plan"&&i==="dry-run"));return`${o}

Usage:
  repository-mirroring ${e} FROM TO [flags]

Flags:
${n.map(t=>g(`--${t.name}${t.boolean?"":" VALUE"}`,te(t))).join(`
`)}
${g("--known-host-keys-file PATH","the same from a file, e.g. ~/.ssh/known_hosts; likewise --ca-certificate-file")}
${g("--json","print the report as JSON")}
${g("--verbose","say more on stderr")}

Secrets are never flags. Give each in a variable, or in a file:
${s.filter(({secret:t})=>t).map(({name:t,description:r})=>g(`${y(t)}, --${t}-file PATH`,r.replace("of the run","at FROM"))).join(`
`)}

${F}
`}const te=({description:e,default:o})=>o===""||o==="false"||e.includes("Default:")?e:`${e}. Default: ${o}`;function g(e,o){const s=[""];for(const n of o.replaceAll("`","").split(" ")){const t=s.at(-1)??"";t.length+n.length+7>_?s.push(n):s[s.length-1]=t===""?n:`${t} ${n}`}return[`  ${e}`,...s.map(n=>`      ${n}`)].join(`
`)}var ne=a(5846),N=a(7118),se=a(4663);const k="0.1.0",oe=["mirror","plan","demo","help","version"];async function re(e,o,s){process.stdout.on("error",r=>{if(r.code!=="EPIPE")throw r});const[n="help",...t]=e;switch(n){case"mirror":case"plan":return await ie(n,t,o,s);case"demo":return await ae(t,o,s);case"help":case"--help":case"-h":return $(E(k));case"version":case"--version":return $(`${k}
`);default:{const r=I(n,oe);return process.stderr.write(`unknown command "${(0,T.s)(n)}"${r===null?"":`; did you mean ${r}?`}

${E(k)}`),2}}}function $(e){return process.stdout.write(e),0}async function ie(e,o,s,n){const t=new Date,r=H(o.includes("--verbose"));let i=o.includes("--json"),f=new Set(se.d),d;try{const l=X(o,s);if(l.help)return $(ee(e));i=l.json;const c={...await ce(l),...e==="plan"&&{"dry-run":"true"}};r.mask((0,N.Fj)(c).flatMap(w=>(0,O.eo)(w,(0,N.ev)(c))));const v={serverUrl:null,nameOf:le,resolvePath:x.resolve,windows:process.platform==="win32",isTokenOfRun:()=>!1},h=(0,ne.P)(c,v,l.problems);r.mask((0,O.Co)([h.here,h.there])),f=h.failOn,d=await(0,R.e)(h,r,P(s,n))}catch(l){d=(0,R.k)(S.H.from(l),t)}d=(0,b.c)(d,r.hide);const m=i?`${(0,Y.l)(d)}
`:(0,J.S)(d,{colour:D(s),...process.stdout.columns&&{width:process.stdout.columns}});return process.stdout.write(m.endsWith(`
`)?m:`${m}
`),(0,V.I)(d,f)}async function ae(e,o,s){if(e.some(r=>r==="--help"||r==="-h"))return $(`Shows a mirror at work: starts an SSH git server inside this process, mirrors the repository of this directory to it,
changes a copy, mirrors again, and shows a wrong host key being refused. Changes nothing of yours.
`);if(e.length>0)return process.stderr.write(`demo takes no arguments, got "${(0,T.s)(e.join(" "))}"
`),2;const{demo:n}=await Promise.all([a.e(472),a.e(297)]).then(a.bind(a,7297)),t=D(o);return await n({host:H(!1),surroundings:P(o,s),directory:process.cwd(),colour:t,say:r=>{process.stdout.write(r)}})}const P=(e,o)=>({environment:e,program:o,now:()=>new Date,random:Math.random,pause:async s=>{await(0,L.setTimeout)(s)}}),D=e=>process.stdout.isTTY===!0&&!e.NO_COLOR;function H(e){const o={};for(const[s,n]of[["SIGINT",130],["SIGTERM",143],["SIGHUP",129]])process.once(s,()=>{for(const t of Object.values(o))(0,C.rmSync)(t,{recursive:!0,force:!0});process.stderr.write(`interrupted: a push that was under way may still land; run again to see
`),process.exit(n)});return W(process.stderr,{verbose:e,onState:(s,n)=>{o[s]=n}})}function le(e){return e==="repository-url"?"FROM":e==="remote-url"?"TO":(0,p.c)(e)?.secret?`${y(e)} (or --${e}-file)`:`--${e}`}async function ce({raw:e,files:o}){const s=await Promise.all(o.map(async({input:n,path:t})=>{const r=await(0,U.readFile)((0,x.resolve)(t),"utf8").catch(i=>{throw new S.H("settings-invalid",`--${n}-file: "${t}" could not be read: ${i instanceof Error?i.message:String(i)}`,{cause:i})});return[n,r]}));return{...e,...Object.fromEntries(s)}}})};export{fe as id,he as ids,pe as modules};
