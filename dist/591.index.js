const I=591,j=[591],G={15230:((N,E,s)=>{s.r(E),s.d(E,{generateKey:()=>H,keygenCommand:()=>C});var y=s(76760),p=s(53053),m=s(728);async function M({name:n,repository:o,value:r},i,t){const{getExecOutput:e}=await s.e(955).then(s.bind(s,41955));(0,p.subscribe)($,w);const{exitCode:c,stdout:u,stderr:h}=await e("gh",["secret","set",n,"--repo",o],{env:i,input:Buffer.from(r),silent:!0,ignoreReturnCode:!0}).catch(b=>{throw new m.H("secret-not-stored","`gh`, the program of GitHub, could not be started",{cause:b})}).finally(()=>(0,p.unsubscribe)($,w));if(c!==0)throw new m.H("secret-not-stored",`\`gh\` did not store the secret "${n}" of "${o}"`,{detail:t(`${u}${h}`)})}const $="child_process";function w(n){const{process:o}=n;process.nextTick(()=>o.stdin?.on("error",()=>{}))}var T=s(51455);async function a(n,o){const r=[],i=async(t,e)=>{const c=await(0,T.open)(t,"wx",e);return r.push({file:c,path:t}),await c.chmod(e),c};try{const t=await i(n,384),e=await i(`${n}.pub`,420);await t.writeFile(o.privateKey),await e.writeFile(`${o.publicKey}
`)}catch(t){for(const{path:e}of r)await(0,T.rm)(e,{force:!0});throw l(t,n)}finally{for(const{file:t}of r)await t.close()}}function l(n,o){const{code:r,path:i=o,message:t}=n,e={hint:"give another path with `--out`",cause:n},c=r==="EEXIST"?"exists already, and no file is overwritten":`cannot be written: ${t}`;return new m.H("settings-invalid",`--out: "${i}" ${c}`,e)}var d=s(18907),f=s(62027),g=s(11303),A=s(33349),P=s(54235),v=s(81083),x=s(91542),D=s(82777),K=s(39416);const O=(0,f.VE)("ssh-key-passphrase"),L=`Make a key pair for one mirror, and say where each half goes. The private half is never shown unless you ask for it.

Usage:
  repository-mirroring keygen [URL] --out PATH                        into two files, PATH (0600) and PATH.pub (0644)
  repository-mirroring keygen [URL] --secret NAME --repo OWNER/NAME   into a secret of a GitHub repository, with \`gh\`
  repository-mirroring keygen [URL] --print                           to stdout

URL is that of the mirror. With it, the output names the page to register the public half on.

Flags:
  --out PATH
      file for the private half; no file is ever overwritten
  --secret NAME, --repo OWNER/NAME
      store the private half as the secret NAME of this repository; gh reads it from its stdin, and no file is written
  --print
      print the private half, and nothing else, to stdout; the public half goes to stderr
  --type ed25519|rsa
      rsa makes 4096 bits, for servers that accept nothing else. Default: ed25519
  --comment TEXT
      name of the public half at the server. Default: repository-mirroring

${O}, --ssh-key-passphrase-file PATH
      encrypt the private half with this passphrase

The public half goes to stdout, everything else to stderr.

Exit codes:
  0 success \xB7 2 invalid settings, or a file or secret that could not be written \xB7 70 a bug in this program
`,S=n=>(0,f.bQ)(n,{inputs:["ssh-key-passphrase"],values:["type","out","comment","secret","repo"],switches:["print"],positional:1});function W(n,o){const{raw:r,values:i}=n,t=[...n.problems],e=(0,K.HU)(i.get("type")??"ed25519",A.M);"problem"in e&&t.push(`--type ${e.problem}`);const c=i.get("comment")?.trim()??"repository-mirroring";/[\p{Cc}\p{Zl}\p{Zp}]/u.test(c)&&t.push("--comment must be one line, without control characters");const u=n.positional[0]?.trim()??"",h=u===""?null:(0,D.D)(u,o,!0);h!==null&&"problem"in h&&t.push(`URL: ${h.problem}`);const b=r["ssh-key-passphrase"]?.replace(/\r?\n$/,"");b===""&&t.push(`${O} (or --ssh-key-passphrase-file) is empty`);const R=k(n,t);if(R===null||"problem"in e||t.length>0)throw(0,x.y)(t,B);return{type:e.value,comment:c,passphrase:b??null,target:R,url:h===null||"problem"in h?null:h}}const B={hint:"see `keygen --help`"};function k({values:n,switches:o},r){const[i,t,e]=["out","secret","repo"].map(u=>n.get(u)),c=[i,t].filter(u=>u!==void 0).length+(o.has("print")?1:0);return c===0&&r.push("say where to put the private key: --out PATH, --secret NAME with --repo OWNER/NAME, or --print"),c>1&&r.push("--out, --secret and --print exclude each other"),e!==void 0&&t===void 0&&r.push("--repo has no effect without --secret"),t!==void 0&&!/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(t)&&r.push(`--secret must be letters, digits and underscores, not begin with a digit or GITHUB_, not ${(0,K.TL)(t)}`),t!==void 0&&e===void 0&&r.push("--repo is missing; give the repository of the secret as OWNER/NAME"),e!==void 0&&!/^(?:[\w.-]+(?::\d+)?\/)?\w[\w.-]*\/[\w.-]+$/.test(e)&&r.push(`--repo must be OWNER/NAME, or HOST/OWNER/NAME, not ${(0,K.TL)(e)}`),t!==void 0&&e!==void 0?{to:"secret",name:t,repository:e}:i!==void 0?{to:"file",path:i}:o.has("print")?{to:"stdout"}:null}async function C(n,{env:o,host:r}){const i=S(n);if(i.switches.has("help"))return(0,v.cv)(L);const t=W(await(0,g.Xw)(i,o,r.mask),(0,d.P)(o,null,v.iP)),{privateKey:e,publicKey:c,shown:u}=await H(t,o,r),h=(0,P.Cb)(t,u);return e===null?(0,v.Rl)([`${c}
`],h):(0,v.Rl)([e],[c,"",...h])}async function H({type:n,comment:o,passphrase:r,target:i,url:t},e,c){const{privateKey:u,publicKey:h}=(0,A.c)(n,o,r),b=h.split(" ").slice(0,2).join(" "),R=t?.protocol==="file"?null:t,U={publicKey:h,shown:(0,P.dM)(b,R,"write",{serverUrl:null,username:R?.user??"git"})};return i.to==="stdout"?{...U,privateKey:u}:((0,g.QU)({"auth-secret":u},c.mask),i.to==="file"?await a((0,y.resolve)(i.path),{privateKey:u,publicKey:h}):await M({...i,value:u},F(e),c.hide),{...U,privateKey:null})}const F=n=>Object.fromEntries(Object.entries(n).filter(([o])=>!o.startsWith((0,f.VE)(""))))}),34902:((N,E,s)=>{s.d(E,{CS:()=>m,DV:()=>$,TM:()=>T,aY:()=>p,nf:()=>w});var y=s(33699);const p=a=>`<code>${(0,y.FV)(a)}</code>`;function m(a){return a.split(/`([^`\s](?:[^`]*[^`\s])?)`/).map((l,d)=>d%2===1?p(l):M(l)).join("")}const M=a=>`${/^\s/.test(a)?" ":""}${(0,y.FV)(a)}${/\S\s+$/.test(a)?" ":""}`;function $(a){const l=(0,y.UN)(a).trimEnd(),d=l.match(/`+/g)?.reduce((g,A)=>Math.max(g,A.length),0)??0,f="`".repeat(Math.max(3,d+1));return`${f}text
${l}
${f}`}const w=(a,l)=>/^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(l)?`[${a}](${l})`:a,T=(a,l)=>`<details><summary>${(0,y.FV)(a)}</summary>

${l}

</details>`}),33349:((N,E,s)=>{s.d(E,{M:()=>M,c:()=>w});var y=s(57948),p=s(34639),m=s(19334);const M=["ed25519","rsa"],$=4096;function w(a,l,d){const f=d===null?{}:{passphrase:d,cipher:"aes256-ctr"};for(;;){const g=a==="rsa"?m.Wp.generateKeyPairSync("rsa",{bits:$,comment:l,...f}):m.Wp.generateKeyPairSync("ed25519",{comment:l,...f}),[A="",P=""]=g.public.split(" ");if(a==="ed25519"&&Buffer.from(P,"base64").length!==T)continue;const v=(0,p.$k)(g.private,d);if((0,p.h_)(v)===`${A} ${P}`)return{privateKey:(0,y.Tk)(g.private),publicKey:`${(0,p.h_)(v)} ${l}`.trim()}}}const T=51})};export{I as id,j as ids,G as modules};
