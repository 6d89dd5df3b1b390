const ce=845,ue=[845],de={845:((le,H,a)=>{a.d(H,{cli:()=>ne});var A=a(3024),C=a(1455),T=a(6760),P=a(8500),y=a(533),$=a(9874),U=a(8161);function L(e,{verbose:s,onState:o}){const n=[],t=i=>(0,y.Yk)(i,n),r=i=>{e.write(`${t(i)}
`)};return{kind:"terminal",temporaryDirectory:(0,U.tmpdir)(),mask:i=>{n.push(...i)},hide:t,info:r,debug:i=>{s&&r(i)},annotate:()=>{},output:()=>{},saveState:o,summary:async()=>{}}}var k=a(4579),G=a(9579),W=a(4121),Y=a(3920),g=a(9511);const x=["auth-secret","token","ssh-key-passphrase","known-host-keys","ca-certificate"],M=["json","verbose","help"],O=e=>`REPOSITORY_MIRRORING_${e.toUpperCase().replaceAll("-","_")}`,V=g.m.filter(e=>!("actionOnly"in e)&&!("secret"in e));function b(e,s){const o={},n=[],t=[],r=[],i=new Set;for(const{name:l}of g.m.filter(c=>"secret"in c)){const c=s[O(l)];c!==void 0&&(o[l]=c)}for(let l=0;l<e.length;l++){const c=e[l]??"";if(c==="-h")i.add("help");else if(!c.startsWith("--"))r.push(c);else{const[h="",...w]=c.slice(2).split("="),ae=e[l+1],u=K(h,w.length>0?w.join("="):null,ae??null);typeof u=="string"?t.push(u):(u.takesNext&&l++,u.kind==="switch"?i.add(h):u.kind==="file"?n.push({input:u.input,path:u.value}):o[u.input]=u.input in o&&J.has(u.input)?`${o[u.input]}
${u.value}`:u.value)}}const[d,f,...p]=r;if(d!==void 0&&(o["repository-url"]=d),f!==void 0&&(o["remote-url"]=f),!i.has("help")&&(f===void 0&&t.push(`${d===void 0?"FROM and TO are":"TO is"} missing: give the URLs of the source and of the mirror`),p.length>0&&t.push(`too many arguments: ${p.join(" ")}`),t.length>0))throw new $.H("settings-invalid",t.join(`
`),{hint:"see `--help`"});return{raw:o,files:n,json:i.has("json"),verbose:i.has("verbose"),help:i.has("help")}}const J=new Set(["branches","tags","known-host-keys","push-options","fail-on"]);function K(e,s,o){if(M.some(d=>d===e))return s===null?{kind:"switch",takesNext:!1}:`--${e} takes no value`;const n=x.find(d=>e===`${d}-file`),t=n===void 0?(0,g.c)(e):void 0;if(t?.secret)return`--${e} would show the secret to every process on this machine: use the variable ${O(e)}, or --${e}-file`;if(n===void 0&&(t===void 0||t.actionOnly))return z(e);if(t?.boolean&&s===null)return{kind:"value",input:t.name,value:"true",takesNext:!1};const r=s??o;if(r===null)return`--${e} needs a value`;const i=s===null;return n!==void 0?{kind:"file",input:n,value:r,takesNext:i}:{kind:"value",input:e,value:r,takesNext:i}}const X=[...V.map(({name:e})=>e),...x.map(e=>`${e}-file`),...M];function z(e){const s=R(e,X);return`unknown flag --${e}${s===null?"":`; did you mean --${s}?`}`}function R(e,s){const o=s.map(t=>({other:t,distance:B(e,t)})).sort((t,r)=>t.distance-r.distance),[n]=o;return n&&n.distance<=Math.max(2,e.length/3)?n.other:null}function B(e,s){let o=Array.from({length:s.length+1},(n,t)=>t);for(let n=1;n<=e.length;n++){const t=[n];for(let r=1;r<=s.length;r++){const i=(o[r-1]??0)+(e[n-1]===s[r-1]?0:1);t.push(Math.min(i,(o[r]??0)+1,(t[r-1]??0)+1))}o=t}return o[s.length]??0}const Q=100,j=`Exit codes:
  0 fine \xB7 1 refs rejected or diverged \xB7 2 settings \xB7 3 host not trusted or not authorised \xB7 4 network
  70 a bug of ours`,F=e=>`repository-mirroring ${e}
Keep a git repository and its mirror in step.

Usage:
  repository-mirroring mirror FROM TO [flags]   make TO equal to FROM: branches and tags
  repository-mirroring plan FROM TO [flags]     show what mirror would do; change nothing
  repository-mirroring demo                     see it at work on a throw-away server of its own
  repository-mirroring COMMAND --help           all flags of a command

FROM and TO are ssh://, git@host:path, https:// or file:// URLs, or paths.
${j}
`;function Z(e){const s=e==="plan"?"Show what `mirror` would do. Reads both sides, changes neither.":"Make the branches and tags of TO equal to those of FROM. Every change holds only while TO is as it was read.",o=g.m,n=o.filter(({secret:t,actionOnly:r,name:i})=>!t&&!r&&!(e==="plan"&&i==="dry-run"));return`${s}

Usage:
  repository-mirroring ${e} FROM TO [flags]

Flags:
${n.map(t=>m(`--${t.name}${t.boolean?"":" VALUE"}`,q(t))).join(`
`)}
${m("--known-host-keys-file PATH","the same from a file, e.g. ~/.ssh/known_hosts; likewise --ca-certificate-file")}
${m("--json","print the report as JSON")}
${m("--verbose","say more on stderr")}

Secrets are never flags. Give each in a variable, or in a file:
${o.filter(({secret:t})=>t).map(({name:t,description:r})=>m(`${O(t)}, --${t}-file PATH`,r.replace("of the run","at FROM"))).join(`
`)}

${j}
`}const q=({description:e,default:s})=>s===""||s==="false"||e.includes("Default:")?e:`${e}. Default: ${s}`;function m(e,s){const o=[""];for(const n of s.replaceAll("`","").split(" ")){const t=o.at(-1)??"";t.length+n.length+7>Q?o.push(n):o[o.length-1]=t===""?n:`${t} ${n}`}return[`  ${e}`,...o.map(n=>`      ${n}`)].join(`
`)}var _=a(6455),I=a(7118),ee=a(4663);const S="0.1.0",te=["mirror","plan","demo","help","version"];async function ne(e,s,o){const[n="help",...t]=e;switch(n){case"mirror":case"plan":return await se(n,t,s,o);case"demo":return await oe(t,s,o);case"help":case"--help":case"-h":return v(F(S));case"version":case"--version":return v(`${S}
`);default:{const r=R(n,te);return process.stderr.write(`unknown command "${n}"${r===null?"":`; did you mean ${r}?`}

${F(S)}`),2}}}function v(e){return process.stdout.write(e),0}async function se(e,s,o,n){const t=new Date,r=D(s.includes("--verbose"));let i=s.includes("--json"),d=new Set(ee.d),f;try{const l=b(s,o);if(l.help)return v(Z(e));i=l.json;const c={...await ie(l),...e==="plan"&&{"dry-run":"true"}};r.mask((0,I.Fj)(c).flatMap(w=>(0,y.eo)(w,(0,I.ev)(c))));const h=(0,_.P)(c,{serverUrl:null,nameOf:re,resolvePath:T.resolve,windows:process.platform==="win32"});r.mask((0,y.Co)([h.here,h.there])),d=h.failOn,f=await(0,k.e)(h,r,N(o,n))}catch(l){f=(0,k.k)($.H.from(l),t)}const p=i?`${(0,W.l)(f)}
`:(0,Y.S)(f,{colour:E(o),...process.stdout.columns&&{width:process.stdout.columns}});return process.stdout.write(r.hide(p.endsWith(`
`)?p:`${p}
`)),(0,G.I)(f,d)}async function oe(e,s,o){if(e.some(r=>r==="--help"||r==="-h"))return v(`Shows a mirror at work: starts an SSH git server inside this process, mirrors the repository of this directory to it,
changes a copy, mirrors again, and shows a wrong host key being refused. Changes nothing of yours.
`);if(e.length>0)return process.stderr.write(`demo takes no arguments, got "${e.join(" ")}"
`),2;const{demo:n}=await Promise.all([a.e(472),a.e(297)]).then(a.bind(a,7297)),t=E(s);return await n({host:D(!1),surroundings:N(s,o),directory:process.cwd(),colour:t,say:r=>{process.stdout.write(r)}})}const N=(e,s)=>({environment:e,program:s,now:()=>new Date,random:Math.random,pause:async o=>{await(0,P.setTimeout)(o)}}),E=e=>process.stdout.isTTY===!0&&!e.NO_COLOR;function D(e){let s=null;for(const[o,n]of[["SIGINT",130],["SIGTERM",143],["SIGHUP",129]])process.once(o,()=>{s!==null&&(0,A.rmSync)(s,{recursive:!0,force:!0}),process.exit(n)});return L(process.stderr,{verbose:e,onState:(o,n)=>{o==="session"&&(s=n)}})}const re=e=>e==="repository-url"?"FROM":e==="remote-url"?"TO":`--${e}`;async function ie({raw:e,files:s}){const o=await Promise.all(s.map(async({input:n,path:t})=>{const r=await(0,C.readFile)((0,T.resolve)(t),"utf8").catch(i=>{throw new $.H("settings-invalid",`--${n}-file: "${t}" could not be read: ${i instanceof Error?i.message:String(i)}`,{cause:i})});return[n,r]}));return{...e,...Object.fromEntries(o)}}})};export{ce as id,ue as ids,de as modules};
