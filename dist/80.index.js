const un=80,hn=[80],gn={8080:((fn,U,a)=>{a.d(U,{main:()=>dn});var W=a(7598),x=a(1455),w=a(6760),D=a(8500),O=a(533),G=a(9874),S=a(4e3),N=a(8999),c=a(9924),v=a(4633),P=a(9362);const E=10,j=4096;function V({refs:n,failure:t}){const o=(0,v.Fw)(n),s=t===null?[]:[X(t)],e=o.filter(v.KM),r=o.filter(v.NW);return[...s,...M("error",e,E-s.length),...M("warning",r,E)]}function M(n,t,o){if(t.length<=o)return t.map(e=>A(n,e));const s=t.slice(o-1);return[...t.slice(0,o-1).map(e=>A(n,e)),Y(n,s)]}const Q={rejected:"was rejected",raced:"was not changed",failed:"failed"},H=n=>n in Q;function A(n,t){const{title:o,hint:s,docs:e}=(0,N.m)(t),r=H(t.outcome)?Q[t.outcome]:"was left alone";return{level:n,title:o,message:B(`"${t.ref}" ${r}: ${t.reason}`,s,e)}}const X=({title:n,message:t,hint:o,docs:s})=>({level:"error",title:n,message:B(t,o,s)});function B(n,t,o){const s=`
What to do: ${(0,c.$Q)((0,c.Gj)(t),j/2)}
${o}`;return(0,c.$Q)((0,c.Gj)(n),j-s.length)+s}function Y(n,t){const o=n==="error"?"not changed":"left alone",s=t.map(({ref:r})=>(0,c.TN)(r)).join(", "),e=`${(0,P.px)(t.length,"more ref")} ${t.length===1?"was":"were"} ${o}; the job summary tells why: ${s}`;return{level:n,title:`${t.length} more`,message:(0,c.$Q)(e,j)}}var C=a(9579),F=a(4121),K=a(9338),z=a(1294);const u=n=>`<code>${(0,c.FV)(n)}</code>`;function $(n){return n.split(/`([^`\s](?:[^`]*[^`\s])?)`/).map((t,o)=>o%2===1?u(t):J(t)).join("")}const J=n=>`${/^\s/.test(n)?" ":""}${(0,c.FV)(n)}${/\S\s+$/.test(n)?" ":""}`;function R(n){const t=(0,c.UN)(n).trimEnd(),o=t.match(/`+/g)?.reduce((e,r)=>Math.max(e,r.length),0)??0,s="`".repeat(Math.max(3,o+1));return`${s}text
${t}
${s}`}const y=(n,t)=>/^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(t)?`[${n}](${t})`:n,T=(n,t)=>`<details><summary>${(0,c.FV)(n)}</summary>

${t}

</details>`,Z=9e5,h=25,i={sentence:2e3,reason:500,detail:2e4,notices:20,advice:10},b=1e3;function k(n){const t=(0,z.w)(n),o=q(t),s=t.advice.slice(0,i.advice).map(on).join(`
`),e=Z-b-Buffer.byteLength(o)-Buffer.byteLength(s),r=rn(t.rows,e);return`${[o,an(r,t.rows.length),s&&`**What to do**

${s}`].filter(d=>d!=="").join(`

`)}
`}function q({icon:n,headline:t,route:o,facts:s,failure:e,notices:r}){const d=o&&`${o.direction}: ${u((0,c.$Q)(o.source,i.sentence))} \u2192 ${u((0,c.$Q)(o.destination,i.sentence))}`;return[`### ${n} ${$(t)}`,[d,s.join(" \xB7 ")].filter(Boolean).join("<br>"),e===null?"":_(e),tn(r)].filter(m=>m!=="").join(`

`)}function _({title:n,message:t,hint:o,docs:s,where:e,detail:r}){const[d="",...m]=(0,c.$Q)(t,i.sentence).split(`
`),[l="",...p]=(0,c.$Q)(o,i.sentence).split(`
`);return[`**${$(n)}**${e===null?"":` at ${u((0,c.$Q)(e,i.sentence))}`}: ${$(d)}`,m.map(f=>`- ${$(f.replace(/^- /,""))}`).join(`
`),`**What to do**: ${$(l)} (${y("more about it",s)})`,p.length===0?"":R(p.join(`
`)),r===null?"":T("In its own words",R(nn(r)))].filter(f=>f!=="").join(`

`)}const nn=n=>n.length<=i.detail?n:`\u2026${n.slice(-i.detail).replace(/^[\udc00-\udfff]/,"")}`;function tn(n){const t=n.slice(0,i.notices).map(s=>`- \u2139\uFE0F ${$((0,c.$Q)(s,i.sentence))}`),o=n.length-t.length;return[...t,...o>0?[`- \u2139\uFE0F and ${o} more`]:[]].join(`
`)}const on=({title:n,hint:t,docs:o})=>`- **${$(n)}**: ${$((0,c.$Q)(t,i.sentence))} (${y("more about it",o)})`,en={bad:"\u274C ",attention:"\u26A0\uFE0F ",good:"",plain:""};function sn({tone:n,ref:t,what:o,before:s,after:e,moves:r,reason:d}){const m=s===null&&e===null?"\u2013":`${I(s)} ${r?"\u2192":"\u2260"} ${I(e)}`;return`| ${u(t)} | ${en[n]}${$(o)} | ${m} | ${$((0,c.$Q)(d,i.reason))} |`}const I=n=>n===null?"\u2013":n.link===null?u(n.short):y(u(n.short),n.link);function rn(n,t){const o=[];let s=t;for(const e of n){const r=sn(e);if(s-=Buffer.byteLength(r)+1,s<0)break;o.push(r)}return o}const L=n=>["| Ref | Outcome | Before \u2192 after | Reason |","|---|---|---|---|",...n].join(`
`);function an(n,t){const o=[];return n.length>0&&o.push(L(n.slice(0,h))),n.length>h&&o.push(T(`${n.length-h} more`,L(n.slice(h)))),n.length<t&&o.push(`${t-n.length} more refs did not fit; the report file (output ${u("report-file")}) holds them all.`),o.join(`

`)}var cn=a(3920),ln=a(5846),g=a(7118),$n=a(4663);async function dn(n,t){const o=new Date,{actionsHost:s}=await Promise.all([a.e(264),a.e(67)]).then(a.bind(a,6067)),e=s(n),r=(0,g.Ui)(n);e.mask((0,g.Fj)(r).flatMap(l=>(0,O.eo)(l,(0,g.ev)(r))));let d=new Set($n.d),m;try{const l=(0,ln.P)(r,{serverUrl:n.GITHUB_SERVER_URL??null,nameOf:f=>`\`${f}\``,resolvePath:w.resolve,windows:process.platform==="win32",isTokenOfRun:f=>(0,g.o1)(f,n)});e.mask((0,O.Co)([l.here,l.there])),d=l.failOn,e.info(`mirroring ${l.here.url} to ${l.there.url}`);const p=async f=>{await(0,D.setTimeout)(f)};m=await(0,S.e)(l,e,{environment:n,program:t,now:()=>new Date,random:Math.random,pause:p})}catch(l){m=(0,S.k)(G.H.from(l),o)}return await mn(m,e),(0,C.u)(m,d)?1:0}async function mn(n,t){const o=(0,K.c)(n,t.hide);t.info((0,cn.S)(o,{colour:!1}));for(const e of V(o))t.annotate(e);for(const[e,r]of Object.entries((0,F.Y)(o)))t.output(e,r);await t.summary(k(o));const s=(0,w.join)(t.temporaryDirectory,`repository-mirroring-report-${(0,W.randomUUID)()}.json`);try{await(0,x.writeFile)(s,(0,F.l)(o)),t.output("report-file",s)}catch(e){t.info(`the report file could not be written: ${e instanceof Error?e.message:String(e)}`)}}})};export{un as id,hn as ids,gn as modules};
