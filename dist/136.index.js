const yt=136,jt=[136],wt={7136:((vt,I,r)=>{r.d(I,{main:()=>gt});var x=r(7598),G=r(1455),S=r(6760),L=r(8500),p=r(533),N=r(9874),W=r(8161),H=r(8160),V=r(6756);const Y=1e4;function X(t,n){const o=[],e=a=>(0,p.Yk)(a,o),s=()=>Promise.all([r.e(260),r.e(264)]).then(r.bind(r,7264)),c=a=>{n(`${e(a)}
`)},l=(0,V.o)(Y);return{kind:"actions",temporaryDirectory:t.RUNNER_TEMP||(0,W.tmpdir)(),mask:a=>{o.push(...a);for(const m of a)n(`::add-mask::${O(m)}
`)},hide:e,info:c,debug:a=>{n(`::debug::${O(e(a))}
`)},progress:a=>{a!==null&&l()&&c(a())},annotate:async({level:a,title:m,message:u})=>(await s())[a](e(u),{title:e(m)}),output:async(a,m)=>(await s()).setOutput(a,e(m)),saveState:(a,m)=>(0,H.P)(t,a,m),summary:async a=>{t.GITHUB_STEP_SUMMARY&&await(await s()).summary.addRaw(e(a),!0).write()}}}const O=t=>t.replaceAll("%","%25").replaceAll("\r","%0D").replaceAll(`
`,"%0A");var A=r(8710),C=r(8999),i=r(9924),v=r(4633),K=r(9362);const E=10,y=4096;function z({refs:t,failure:n}){const o=(0,v.Fw)(t),e=n===null?[]:[Z(n)],s=o.filter(v.KM),c=o.filter(v.NW);return[...e,...M("error",s,E-e.length),...M("warning",c,E)]}function M(t,n,o){if(n.length<=o)return n.map(s=>T(t,s));const e=n.slice(o-1);return[...n.slice(0,o-1).map(s=>T(t,s)),k(t,e)]}const R={rejected:"was rejected",raced:"was not changed",failed:"failed"},J=t=>t in R;function T(t,n){const{title:o,hint:e,docs:s}=(0,C.m)(n),c=J(n.outcome)?R[n.outcome]:"was left alone";return{level:t,title:o,message:B(`"${n.ref}" ${c}: ${n.reason}`,e,s)}}const Z=({title:t,message:n,hint:o,docs:e})=>({level:"error",title:t,message:B(n,o,e)});function B(t,n,o){const e=`
What to do: ${(0,i.$Q)((0,i.Gj)(n),y/2)}
${o}`;return(0,i.$Q)((0,i.Gj)(t),y-e.length)+e}function k(t,n){const o=t==="error"?"not changed":"left alone",e=n.map(({ref:c})=>(0,i.TN)(c)).join(", "),s=`${(0,K.px)(n.length,"more ref")} ${n.length===1?"was":"were"} ${o}; the job summary tells why: ${e}`;return{level:t,title:`${n.length} more`,message:(0,i.$Q)(s,y)}}var b=r(9579),Q=r(4121),q=r(9338),_=r(1294);const $=t=>`<code>${(0,i.FV)(t)}</code>`;function f(t){return t.split(/`([^`\s](?:[^`]*[^`\s])?)`/).map((n,o)=>o%2===1?$(n):tt(n)).join("")}const tt=t=>`${/^\s/.test(t)?" ":""}${(0,i.FV)(t)}${/\S\s+$/.test(t)?" ":""}`;function U(t){const n=(0,i.UN)(t).trimEnd(),o=n.match(/`+/g)?.reduce((s,c)=>Math.max(s,c.length),0)??0,e="`".repeat(Math.max(3,o+1));return`${e}text
${n}
${e}`}const j=(t,n)=>/^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(n)?`[${t}](${n})`:t,D=(t,n)=>`<details><summary>${(0,i.FV)(t)}</summary>

${n}

</details>`,nt=9e5,h=25,d={sentence:2e3,reason:500,detail:2e4,notices:20,advice:10},ot=1e3;function et(t){const n=(0,_.w)(t),o=st(n),e=n.advice.slice(0,d.advice).map(it).join(`
`),s=nt-ot-Buffer.byteLength(o)-Buffer.byteLength(e),c=mt(n.rows,s);return`${[o,ft(c,n.rows.length),e&&`**What to do**

${e}`].filter(l=>l!=="").join(`

`)}
`}function st({icon:t,headline:n,route:o,facts:e,failure:s,notices:c}){const l=o&&`${o.direction}: ${$((0,i.$Q)(o.source,d.sentence))} \u2192 ${$((0,i.$Q)(o.destination,d.sentence))}`;return[`### ${t} ${f(n)}`,[l,e.join(" \xB7 ")].filter(Boolean).join("<br>"),s===null?"":at(s),ct(c)].filter(a=>a!=="").join(`

`)}function at({title:t,message:n,hint:o,docs:e,where:s,detail:c}){const[l="",...a]=(0,i.$Q)(n,d.sentence).split(`
`),[m="",...u]=(0,i.$Q)(o,d.sentence).split(`
`);return[`**${f(t)}**${s===null?"":` at ${$((0,i.$Q)(s,d.sentence))}`}: ${f(l)}`,a.map(w=>`- ${f(w.replace(/^- /,""))}`).join(`
`),`**What to do**: ${f(m)} (${j("more about it",e)})`,u.length===0?"":U(u.join(`
`)),c===null?"":D("In its own words",U(rt(c)))].filter(w=>w!=="").join(`

`)}const rt=t=>t.length<=d.detail?t:`\u2026${t.slice(-d.detail).replace(/^[\udc00-\udfff]/,"")}`;function ct(t){const n=t.slice(0,d.notices).map(e=>`- \u2139\uFE0F ${f((0,i.$Q)(e,d.sentence))}`),o=t.length-n.length;return[...n,...o>0?[`- \u2139\uFE0F and ${o} more`]:[]].join(`
`)}const it=({title:t,hint:n,docs:o})=>`- **${f(t)}**: ${f((0,i.$Q)(n,d.sentence))} (${j("more about it",o)})`,lt={bad:"\u274C ",attention:"\u26A0\uFE0F ",good:"",plain:""};function dt({tone:t,ref:n,what:o,before:e,after:s,moves:c,reason:l}){const a=e===null&&s===null?"\u2013":`${F(e)} ${c?"\u2192":"\u2260"} ${F(s)}`;return`| ${$(n)} | ${lt[t]}${f(o)} | ${a} | ${f((0,i.$Q)(l,d.reason))} |`}const F=t=>t===null?"\u2013":t.link===null?$(t.short):j($(t.short),t.link);function mt(t,n){const o=[];let e=n;for(const s of t){const c=dt(s);if(e-=Buffer.byteLength(c)+1,e<0)break;o.push(c)}return o}const P=t=>["| Ref | Outcome | Before \u2192 after | Reason |","|---|---|---|---|",...t].join(`
`);function ft(t,n){const o=[];return t.length>0&&o.push(P(t.slice(0,h))),t.length>h&&o.push(D(`${t.length-h} more`,P(t.slice(h)))),t.length<n&&o.push(`${n-t.length} more refs did not fit; the report file (output ${$("report-file")}) holds them all.`),o.join(`

`)}var ut=r(3920),$t=r(5846),g=r(7118),ht=r(4663);async function gt(t,n){const o=new Date,e=X(t,a=>process.stdout.write(a)),s=(0,g.Ui)(t);e.mask((0,g.Fj)(s).flatMap(a=>(0,p.eo)(a,(0,g.ev)(s))));let c=new Set(ht.d),l;try{const a=(0,$t.P)(s,{serverUrl:t.GITHUB_SERVER_URL??null,nameOf:u=>`\`${u}\``,resolvePath:S.resolve,windows:process.platform==="win32",isTokenOfRun:u=>(0,g.o1)(u,t)});e.mask((0,p.Co)([a.here,a.there])),c=a.failOn,e.info(`mirroring ${a.here.url} to ${a.there.url}`);const m=async u=>{await(0,L.setTimeout)(u)};l=await(0,A.e)(a,e,{environment:t,program:n,now:()=>new Date,random:Math.random,pause:m})}catch(a){l=(0,A.k)(N.H.from(a),o)}return await pt(l,e),(0,b.u)(l,c)?1:0}async function pt(t,n){const o=(0,q.c)(t,n.hide);n.info((0,ut.S)(o,{colour:!1}));for(const s of z(o))await n.annotate(s);for(const[s,c]of Object.entries((0,Q.Y)(o)))await n.output(s,c);await n.summary(et(o));const e=(0,S.join)(n.temporaryDirectory,`repository-mirroring-report-${(0,x.randomUUID)()}.json`);try{await(0,G.writeFile)(e,(0,Q.l)(o)),await n.output("report-file",e)}catch(s){n.info(`the report file could not be written: ${s instanceof Error?s.message:String(s)}`)}}})};export{yt as id,jt as ids,wt as modules};
