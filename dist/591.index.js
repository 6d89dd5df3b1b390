const F=591,j=[591],I={15230:((N,E,s)=>{s.r(E),s.d(E,{generateKey:()=>H,keygenCommand:()=>x});var d=s(76760),f=s(10533),y=s(728);async function M({name:n,repository:i,value:o},r,t){const{getExecOutput:e}=await s.e(955).then(s.bind(s,41955)),{exitCode:c,stdout:u,stderr:h}=await e("gh",["secret","set",n,"--repo",i],{env:r,input:Buffer.from(o),silent:!0,ignoreReturnCode:!0}).catch(w=>{throw new y.H("secret-not-stored","`gh`, the program of GitHub, could not be started",{cause:w})});if(c!==0)throw new y.H("secret-not-stored",`\`gh\` did not store the secret "${n}" of "${i}"`,{detail:t(`${u}${h}`)})}var $=s(51455);async function A(n,i){const o=[],r=async(t,e)=>{const c=await(0,$.open)(t,"wx",e);return o.push({file:c,path:t}),await c.chmod(e),c};try{const t=await r(n,384),e=await r(`${n}.pub`,420);await t.writeFile(i.privateKey),await e.writeFile(`${i.publicKey}
`)}catch(t){for(const{path:e}of o)await(0,$.rm)(e,{force:!0});throw T(t,n)}finally{for(const{file:t}of o)await t.close()}}function T(n,i){const{code:o,path:r=i,message:t}=n,e={hint:"give another path with `--out`",cause:n},c=o==="EEXIST"?"exists already, and no file is overwritten":`cannot be written: ${t}`;return new y.H("settings-invalid",`--out: "${r}" ${c}`,e)}var a=s(18907),l=s(62027),p=s(77118),v=s(33349),m=s(54235),g=s(81083),R=s(91542),K=s(82777),b=s(39416);const S=["ed25519","rsa"],O=(0,l.VE)("ssh-key-passphrase"),U=`Make a key pair for one mirror, and say where each half goes. The private half is never shown unless you ask for it.

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
`,W=n=>(0,l.bQ)(n,{inputs:["ssh-key-passphrase"],values:["type","out","comment","secret","repo"],switches:["print"],positional:1});function B(n,i){const{raw:o,values:r}=n,t=[...n.problems],e=(0,b.HU)(r.get("type")??"ed25519",S);"problem"in e&&t.push(`--type ${e.problem}`);const c=r.get("comment")?.trim()??"repository-mirroring";/[\p{Cc}\p{Zl}\p{Zp}]/u.test(c)&&t.push("--comment must be one line, without control characters");const u=n.positional[0]?.trim()??"",h=u===""?null:(0,K.D)(u,i,!0);h!==null&&"problem"in h&&t.push(`URL: ${h.problem}`);const w=o["ssh-key-passphrase"]?.replace(/\r?\n$/,"");w===""&&t.push(`${O} (or --ssh-key-passphrase-file) is empty`);const P=k(n,t);if(P===null||"problem"in e||t.length>0)throw(0,R.y)(t,D);return{type:e.value,comment:c,passphrase:w??null,target:P,url:h===null||"problem"in h?null:h}}const D={hint:"see `keygen --help`"};function k({values:n,switches:i},o){const[r,t,e]=["out","secret","repo"].map(u=>n.get(u)),c=[r,t].filter(u=>u!==void 0).length+(i.has("print")?1:0);return c===0&&o.push("say where to put the private key: --out PATH, --secret NAME with --repo OWNER/NAME, or --print"),c>1&&o.push("--out, --secret and --print exclude each other"),e!==void 0&&t===void 0&&o.push("--repo has no effect without --secret"),t!==void 0&&!/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(t)&&o.push(`--secret must be letters, digits and underscores, not begin with a digit or GITHUB_, not ${(0,b.TL)(t)}`),t!==void 0&&e===void 0&&o.push("--repo is missing; give the repository of the secret as OWNER/NAME"),e!==void 0&&!/^(?:[\w.-]+(?::\d+)?\/)?\w[\w.-]*\/[\w.-]+$/.test(e)&&o.push(`--repo must be OWNER/NAME, or HOST/OWNER/NAME, not ${(0,b.TL)(e)}`),t!==void 0&&e!==void 0?{to:"secret",name:t,repository:e}:r!==void 0?{to:"file",path:r}:i.has("print")?{to:"stdout"}:null}async function x(n,{env:i,host:o}){const r=W(n);if(r.switches.has("help"))return(0,g.cv)(U);const t=B(await(0,p.Xw)(r,i,o.mask),(0,a.P)(i,null,g.iP)),{privateKey:e,publicKey:c,shown:u}=await H(t,i,o),h=(0,m.Cb)(t,u);return e===null?(0,g.Rl)([`${c}
`],h):(0,g.Rl)([e],[c,"",...h])}async function H({type:n,comment:i,passphrase:o,target:r,url:t},e,c){const{privateKey:u,publicKey:h}=(0,v.c)(n,{comment:i,passphrase:o}),w=h.split(" ").slice(0,2).join(" "),P=t?.protocol==="file"?null:t,L={publicKey:h,shown:(0,m.dM)(w,P,"write",{serverUrl:null,username:P?.user??"git"})};return r.to==="stdout"?{...L,privateKey:u}:(c.mask((0,f.e)(u,[])),r.to==="file"?await A((0,d.resolve)(r.path),{privateKey:u,publicKey:h}):await M({...r,value:u},C(e),c.hide),{...L,privateKey:null})}const C=n=>Object.fromEntries(Object.entries(n).filter(([i])=>!i.startsWith((0,l.VE)(""))))}),34902:((N,E,s)=>{s.d(E,{CS:()=>y,DV:()=>$,TM:()=>T,aY:()=>f,nf:()=>A});var d=s(33699);const f=a=>`<code>${(0,d.FV)(a)}</code>`;function y(a){return a.split(/`([^`\s](?:[^`]*[^`\s])?)`/).map((l,p)=>p%2===1?f(l):M(l)).join("")}const M=a=>`${/^\s/.test(a)?" ":""}${(0,d.FV)(a)}${/\S\s+$/.test(a)?" ":""}`;function $(a){const l=(0,d.UN)(a).trimEnd(),p=l.match(/`+/g)?.reduce((m,g)=>Math.max(m,g.length),0)??0,v="`".repeat(Math.max(3,p+1));return`${v}text
${l}
${v}`}const A=(a,l)=>/^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(l)?`[${a}](${l})`:a,T=(a,l)=>`<details><summary>${(0,d.FV)(a)}</summary>

${l}

</details>`}),33349:((N,E,s)=>{s.d(E,{c:()=>A});var d=s(57948),f=s(34639),y=s(19334);const M=null,$=4096;function A(a,{comment:l,passphrase:p}){const v=p===null?{}:{passphrase:p,cipher:"aes256-ctr"};for(;;){const m=a==="rsa"?y.Wp.generateKeyPairSync("rsa",{bits:$,comment:l,...v}):y.Wp.generateKeyPairSync("ed25519",{comment:l,...v}),[g="",R=""]=m.public.split(" ");if(a==="ed25519"&&Buffer.from(R,"base64").length!==T)continue;const K=(0,f.$k)(m.private,p);if((0,f.h_)(K)===`${g} ${R}`)return{privateKey:(0,d.Tk)(m.private),publicKey:`${(0,f.h_)(K)} ${l}`.trim()}}}const T=51})};export{F as id,j as ids,I as modules};
