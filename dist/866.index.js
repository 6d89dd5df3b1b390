const ye=866,we=[866],Oe={3866:((ve,U,a)=>{a.d(U,{cli:()=>de});var G=a(3024),W=a(1455),k=a(6760),Y=a(8500),S=a(533),T=a(9874),K=a(8161),V=a(6756);const B=100,J=1e4,j="\r\x1B[K";function X(e,{verbose:s,onState:n}){const o=[],t=i=>(0,S.Yk)(i,o),r=e.isTTY===!0,l=(0,V.o)(r?B:J);let c=0;const u=()=>{c>0&&e.write(j),c=0},h=i=>{u(),e.write(`${t(i)}
`)};return{kind:"terminal",temporaryDirectory:(0,K.tmpdir)(),mask:i=>{o.push(...i)},hide:t,info:h,debug:i=>{s&&h(i)},progress:i=>{if(i===null)u();else if(l())r?e.write(`${j}${z(c++)} ${t(i())}`):h(i());else return},annotate:async()=>{},output:async()=>{},saveState:n,summary:async()=>{}}}const x=20,y=4;function z(e){const s=e%(2*(x-y)),n=Math.min(s,2*(x-y)-s);return`[${" ".repeat(n)}${"=".repeat(y)}${" ".repeat(x-y-n)}]`}var I=a(8710),M=a(2202),Q=a(9579),Z=a(4121),b=a(9338),q=a(3920),m=a(9511);const F=["auth-secret","token","ssh-key-passphrase","known-host-keys","ca-certificate","client-certificate","client-key"],E=["json","verbose","help"],w=e=>`REPOSITORY_MIRRORING_${e.toUpperCase().replaceAll("-","_")}`,_=m.m.filter(e=>!("actionOnly"in e)&&!("secret"in e));function ee(e,s){const n={},o=[],t=[],r=[],l=new Set;for(const{name:i}of m.m.filter(f=>"secret"in f)){const f=s[w(i)];f!==void 0&&(n[i]=f)}for(let i=0;i<e.length;i++){const f=e[i]??"";if(f==="-h")l.add("help");else if(!f.startsWith("--"))r.push(f);else{const[v="",...p]=f.slice(2).split("="),$=e[i+1],d=ne(v,p.length>0?p.join("="):null,$??null);typeof d=="string"?(t.push(d),p.length===0&&$!==void 0&&!$.startsWith("-")&&((0,m.c)(v)!==void 0||r.length>=2)&&i++):(d.takesNext&&i++,d.kind==="switch"?l.add(v):d.kind==="file"?o.push({input:d.input,path:d.value}):n[d.input]=d.input in n&&te.has(d.input)?`${n[d.input]}
${d.value}`:d.value)}}const[c,u,...h]=r;if(c!==void 0&&(n["repository-url"]=c),u!==void 0&&(n["remote-url"]=u),!l.has("help")&&(h.length>0&&t.push(`too many arguments: ${(0,M.s)(h.join(" "))}`),u===void 0))throw t.push(`${c===void 0?"FROM and TO are":"TO is"} missing: give the URLs of the source and of the mirror`),new T.H("settings-invalid",t.join(`
`),{hint:"see `--help`"});return{raw:n,files:o,json:l.has("json"),verbose:l.has("verbose"),help:l.has("help"),problems:t}}const te=new Set(["branches","tags","known-host-keys","push-options","fail-on"]);function ne(e,s,n){if(E.some(c=>c===e))return s===null?{kind:"switch",takesNext:!1}:`--${e} takes no value`;const o=F.find(c=>e===`${c}-file`),t=o===void 0?(0,m.c)(e):void 0;if(t?.secret)return`--${e} would show the secret to every process on this machine: use the variable ${w(e)}, or --${e}-file`;if(o===void 0&&(t===void 0||t.actionOnly))return oe(e);if(t?.boolean&&s===null)return{kind:"value",input:t.name,value:"true",takesNext:!1};const r=s??n;if(r===null)return`--${e} needs a value`;const l=s===null;return o!==void 0?{kind:"file",input:o,value:r,takesNext:l}:{kind:"value",input:e,value:r,takesNext:l}}const se=[..._.map(({name:e})=>e),...F.map(e=>`${e}-file`),...E];function oe(e){const s=A(e,se);return`unknown flag --${e}${s===null?"":`; did you mean --${s}?`}`}function A(e,s){const n=s.map(t=>({other:t,distance:re(e,t)})).sort((t,r)=>t.distance-r.distance),[o]=n;return o&&o.distance<=Math.max(2,e.length/3)?o.other:null}function re(e,s){let n=Array.from({length:s.length+1},(o,t)=>t);for(let o=1;o<=e.length;o++){const t=[o];for(let r=1;r<=s.length;r++){const l=(n[r-1]??0)+(e[o-1]===s[r-1]?0:1);t.push(Math.min(l,(n[r]??0)+1,(t[r-1]??0)+1))}n=t}return n[s.length]??0}const ie=100,N=`Exit codes:
  0 fine \xB7 1 refs rejected or diverged, or the remote refused \xB7 2 settings
  3 host not trusted or not authorised \xB7 4 network \xB7 70 a bug of ours`,C=e=>`repository-mirroring ${e}
Keep a git repository and its mirror in step.

Usage:
  repository-mirroring mirror FROM TO [flags]   make TO equal to FROM: branches and tags
  repository-mirroring plan FROM TO [flags]     show what mirror would do; change nothing
  repository-mirroring demo                     see it at work on a throw-away server of its own
  repository-mirroring COMMAND --help           all flags of a command

FROM and TO are ssh://, git@host:path, https:// or file:// URLs, or paths.
${N}
`;function ae(e){const s=e==="plan"?"Show what `mirror` would do. Reads both sides, changes neither.":"Make the branches and tags of TO equal to those of FROM. Every change holds only while TO is as it was read.",n=m.m,o=n.filter(({secret:t,actionOnly:r,name:l})=>!t&&!r&&!(e==="plan"&&l==="dry-run"));return`${s}

Usage:
  repository-mirroring ${e} FROM TO [flags]

Flags:
${o.map(t=>g(`--${t.name}${t.boolean?"":" VALUE"}`,le(t))).join(`
`)}
${g("--known-host-keys-file PATH","the same from a file, e.g. ~/.ssh/known_hosts; likewise --ca-certificate-file, --client-certificate-file")}
${g("--json","print the report as JSON")}
${g("--verbose","say more on stderr")}

Secrets are never flags. Give each in a variable, or in a file:
${n.filter(({secret:t})=>t).map(({name:t,description:r})=>g(`${w(t)}, --${t}-file PATH`,r.replace("of the run","at FROM"))).join(`
`)}

${N}
`}const le=({description:e,default:s})=>s===""||s==="false"||e.includes("Default:")?e:`${e}. Default: ${s}`;function g(e,s){const n=[""];for(const o of s.replaceAll("`","").split(" ")){const t=n.at(-1)??"";t.length+o.length+7>ie?n.push(o):n[n.length-1]=t===""?o:`${t} ${o}`}return[`  ${e}`,...n.map(o=>`      ${o}`)].join(`
`)}var ce=a(5846),D=a(7118),ue=a(4663),R=a(8508);const fe=["mirror","plan","demo","help","version"];async function de(e,s,n){process.stdout.on("error",r=>{if(r.code!=="EPIPE")throw r});const[o="help",...t]=e;switch(o){case"mirror":case"plan":return await he(o,t,s,n);case"demo":return await pe(t,s,n);case"help":case"--help":case"-h":return O(C(R.x));case"version":case"--version":return O(`${R.x}
`);default:{const r=A(o,fe);return process.stderr.write(`unknown command "${(0,M.s)(o)}"${r===null?"":`; did you mean ${r}?`}

${C(R.x)}`),2}}}function O(e){return process.stdout.write(e),0}async function he(e,s,n,o){const t=new Date,r=L(s.includes("--verbose"));let l=s.includes("--json"),c=new Set(ue.d),u;try{const i=ee(s,n);if(i.help)return O(ae(e));l=i.json;const f={...await ge(i),...e==="plan"&&{"dry-run":"true"}};r.mask((0,D.Fj)(f).flatMap($=>(0,S.eo)($,(0,D.ev)(f))));const v={serverUrl:null,nameOf:me,resolvePath:k.resolve,windows:process.platform==="win32",isTokenOfRun:()=>!1},p=(0,ce.P)(f,v,i.problems);r.mask((0,S.Co)([p.here,p.there])),c=p.failOn,u=await(0,I.e)(p,r,H(n,o))}catch(i){u=(0,I.k)(T.H.from(i),t)}u=(0,b.c)(u,r.hide);const h=l?`${(0,Z.l)(u)}
`:(0,q.S)(u,{colour:P(n),...process.stdout.columns&&{width:process.stdout.columns}});return process.stdout.write(h.endsWith(`
`)?h:`${h}
`),(0,Q.I)(u,c)}async function pe(e,s,n){if(e.some(r=>r==="--help"||r==="-h"))return O(`Shows a mirror at work: starts an SSH git server inside this process, mirrors the repository of this directory to it,
changes a copy, mirrors again, and shows a wrong host key being refused. Changes nothing of yours.
`);if(e.length>0)return process.stderr.write(`demo takes no arguments, got "${(0,M.s)(e.join(" "))}"
`),2;const{demo:o}=await Promise.all([a.e(472),a.e(611)]).then(a.bind(a,3611)),t=P(s);return await o({host:L(!1),surroundings:H(s,n),directory:process.cwd(),colour:t,say:r=>{process.stdout.write(r)}})}const H=(e,s)=>({environment:e,program:s,now:()=>new Date,random:Math.random,pause:async n=>{await(0,Y.setTimeout)(n)}}),P=e=>process.stdout.isTTY===!0&&!e.NO_COLOR;function L(e){const s={};for(const[n,o]of[["SIGINT",130],["SIGTERM",143],["SIGHUP",129]])process.once(n,()=>{for(const t of Object.values(s))(0,G.rmSync)(t,{recursive:!0,force:!0});process.stderr.write(`interrupted: a push that was under way may still land; run again to see
`),process.exit(o)});return X(process.stderr,{verbose:e,onState:(n,o)=>{s[n]=o}})}function me(e){return e==="repository-url"?"FROM":e==="remote-url"?"TO":(0,m.c)(e)?.secret?`${w(e)} (or --${e}-file)`:`--${e}`}async function ge({raw:e,files:s}){const n=await Promise.all(s.map(async({input:o,path:t})=>{const r=await(0,W.readFile)((0,k.resolve)(t),"utf8").catch(l=>{throw new T.H("settings-invalid",`--${o}-file: "${t}" could not be read: ${l instanceof Error?l.message:String(l)}`,{cause:l})});return[o,r]}));return{...e,...Object.fromEntries(n)}}})};export{ye as id,we as ids,Oe as modules};
