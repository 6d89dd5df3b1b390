const fn=80,un=[80],hn={8080:((mn,U,a)=>{a.d(U,{main:()=>dn});var W=a(7598),x=a(1455),w=a(6760),D=a(8500),O=a(533),G=a(9874),S=a(4579),N=a(8999),i=a(9924),v=a(4633),P=a(9362);const M=10,j=4096;function V({refs:n,failure:t}){const o=(0,v.Fw)(n),e=t===null?[]:[X(t)],s=o.filter(v.KM),r=o.filter(v.NW);return[...e,...Q("error",s,M-e.length),...Q("warning",r,M)]}function Q(n,t,o){if(t.length<=o)return t.map(s=>B(n,s));const e=t.slice(o-1);return[...t.slice(0,o-1).map(s=>B(n,s)),Y(n,e)]}const A={rejected:"was rejected",raced:"was not changed",failed:"failed"},H=n=>n in A;function B(n,t){const{title:o,hint:e,docs:s}=(0,N.m)(t),r=H(t.outcome)?A[t.outcome]:"was left alone";return{level:n,title:o,message:E(`"${t.ref}" ${r}: ${t.reason}`,e,s)}}const X=({title:n,message:t,hint:o,docs:e})=>({level:"error",title:n,message:E(t,o,e)});function E(n,t,o){const e=`
What to do: ${(0,i.$Q)((0,i.Gj)(t),j/2)}
${o}`;return(0,i.$Q)((0,i.Gj)(n),j-e.length)+e}function Y(n,t){const o=n==="error"?"not changed":"left alone",e=t.map(({ref:r})=>(0,i.TN)(r)).join(", "),s=`${(0,P.px)(t.length,"more ref")} ${t.length===1?"was":"were"} ${o}; the job summary tells why: ${e}`;return{level:n,title:`${t.length} more`,message:(0,i.$Q)(s,j)}}var C=a(9579),F=a(4121),K=a(1294);const f=n=>`<code>${(0,i.FV)(n)}</code>`;function d(n){return n.split(/`([^`\s](?:[^`]*[^`\s])?)`/).map((t,o)=>o%2===1?f(t):z(t)).join("")}const z=n=>`${/^\s/.test(n)?" ":""}${(0,i.FV)(n)}${/\S\s+$/.test(n)?" ":""}`;function R(n){const t=(0,i.UN)(n).trimEnd(),o=t.match(/`+/g)?.reduce((s,r)=>Math.max(s,r.length),0)??0,e="`".repeat(Math.max(3,o+1));return`${e}text
${t}
${e}`}const p=(n,t)=>/^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(t)?`[${n}](${t})`:n,T=(n,t)=>`<details><summary>${(0,i.FV)(n)}</summary>

${t}

</details>`,J=9e5,h=25,c={sentence:2e3,reason:500,detail:2e4,notices:20,advice:10},Z=1e3;function b(n){const t=(0,K.w)(n),o=k(t),e=t.advice.slice(0,c.advice).map(tn).join(`
`),s=J-Z-Buffer.byteLength(o)-Buffer.byteLength(e),r=sn(t.rows,s);return`${[o,an(r,t.rows.length),e&&`**What to do**

${e}`].filter($=>$!=="").join(`

`)}
`}function k({icon:n,headline:t,route:o,facts:e,failure:s,notices:r}){const $=o&&`${o.direction}: ${f((0,i.$Q)(o.source,c.sentence))} \u2192 ${f((0,i.$Q)(o.destination,c.sentence))}`;return[`### ${n} ${d(t)}`,[$,e.join(" \xB7 ")].filter(Boolean).join("<br>"),s===null?"":q(s),nn(r)].filter(m=>m!=="").join(`

`)}function q({title:n,message:t,hint:o,docs:e,where:s,detail:r}){const[$="",...m]=(0,i.$Q)(t,c.sentence).split(`
`),[l="",...g]=(0,i.$Q)(o,c.sentence).split(`
`);return[`**${d(n)}**${s===null?"":` at ${f((0,i.$Q)(s,c.sentence))}`}: ${d($)}`,m.map(u=>`- ${d(u.replace(/^- /,""))}`).join(`
`),`**What to do**: ${d(l)} (${p("more about it",e)})`,g.length===0?"":R(g.join(`
`)),r===null?"":T("In its own words",R(_(r)))].filter(u=>u!=="").join(`

`)}const _=n=>n.length<=c.detail?n:`\u2026${n.slice(-c.detail).replace(/^[\udc00-\udfff]/,"")}`;function nn(n){const t=n.slice(0,c.notices).map(e=>`- \u2139\uFE0F ${d((0,i.$Q)(e,c.sentence))}`),o=n.length-t.length;return[...t,...o>0?[`- \u2139\uFE0F and ${o} more`]:[]].join(`
`)}const tn=({title:n,hint:t,docs:o})=>`- **${d(n)}**: ${d((0,i.$Q)(t,c.sentence))} (${p("more about it",o)})`,on={bad:"\u274C ",attention:"\u26A0\uFE0F ",good:"",plain:""};function en({tone:n,ref:t,what:o,before:e,after:s,moves:r,reason:$}){const m=e===null&&s===null?"\u2013":`${I(e)} ${r?"\u2192":"\u2260"} ${I(s)}`;return`| ${f(t)} | ${on[n]}${d(o)} | ${m} | ${d((0,i.$Q)($,c.reason))} |`}const I=n=>n===null?"\u2013":n.link===null?f(n.short):p(f(n.short),n.link);function sn(n,t){const o=[];let e=t;for(const s of n){const r=en(s);if(e-=Buffer.byteLength(r)+1,e<0)break;o.push(r)}return o}const L=n=>["| Ref | Outcome | Before \u2192 after | Reason |","|---|---|---|---|",...n].join(`
`);function an(n,t){const o=[];return n.length>0&&o.push(L(n.slice(0,h))),n.length>h&&o.push(T(`${n.length-h} more`,L(n.slice(h)))),n.length<t&&o.push(`${t-n.length} more refs did not fit; the report file (output ${f("report-file")}) holds them all.`),o.join(`

`)}var rn=a(3920),cn=a(6455),y=a(7118),ln=a(4663);async function dn(n,t){const o=new Date,{actionsHost:e}=await Promise.all([a.e(264),a.e(67)]).then(a.bind(a,6067)),s=e(n),r=(0,y.Ui)(n);s.mask((0,y.Fj)(r).flatMap(l=>(0,O.eo)(l,(0,y.ev)(r))));let $=new Set(ln.d),m;try{const l=(0,cn.P)(r,{serverUrl:n.GITHUB_SERVER_URL??null,nameOf:u=>`\`${u}\``,resolvePath:w.resolve,windows:process.platform==="win32"});s.mask((0,O.Co)([l.here,l.there])),$=l.failOn,s.info(`mirroring ${l.here.url} to ${l.there.url}`);const g=async u=>{await(0,D.setTimeout)(u)};m=await(0,S.e)(l,s,{environment:n,program:t,now:()=>new Date,random:Math.random,pause:g})}catch(l){m=(0,S.k)(G.H.from(l),o)}return await $n(m,s),(0,C.u)(m,$)?1:0}async function $n(n,t){t.info((0,rn.S)(n,{colour:!1})),n.failure?.kind==="internal"&&t.debug(n.failure.detail??"");for(const e of V(n))t.annotate(e);const o=(0,w.join)(t.temporaryDirectory,`repository-mirroring-report-${(0,W.randomUUID)()}.json`);await(0,x.writeFile)(o,t.hide((0,F.l)(n)));for(const[e,s]of Object.entries({...(0,F.Y)(n),"report-file":o}))t.output(e,s);await t.summary(b(n))}})};export{fn as id,un as ids,hn as modules};
