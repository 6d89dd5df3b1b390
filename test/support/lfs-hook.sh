# A pre-receive hook, as GitLab has one: refuses a push whose LFS objects are not in the repository's store. Every push of a test waits for it.
tips=$(awk '$2 ~ /[^0]/ { print $2 }')
test -n "$tips" || exit 0

# Of blobs as `git cat-file --batch` prints them: the oid and the size in each that is a pointer.
pointers='
left == 0 { left = $3 + 1; count = 0; next }
{
  line[++count] = $0
  left -= length($0) + 1
  if (left == 0 && isPointer()) print substr(line[count - 1], 12), substr(line[count], 6)
}
function isPointer(  i) {
  # After the last line comes one more line end, which is not of the blob.
  if (line[count--] != "" || line[1] != "version https://git-lfs.github.com/spec/v1") return 0
  for (i = 2; i < count - 1; i++) if (line[i] !~ /^ext-[0-9]-[^ ]+ sha256:[0-9a-f]+$/) return 0
  return length(line[count - 1]) == 75 && line[count - 1] ~ /^oid sha256:[0-9a-f]+$/ && line[count] ~ /^size [0-9]+$/
}'

git rev-list --objects --no-object-names $tips --not --all |
  git cat-file --batch-check='%(objecttype) %(objectsize) %(objectname)' |
  awk '$1 == "blob" && $2 <= 1024 { print $3 }' |
  git cat-file --batch |
  awk "$pointers" |
  while read -r oid size; do
    rest=${oid#????}
    start=${oid%"$rest"}
    file=lfs/objects/${start%??}/${start#??}/$oid
    if ! test -f "$file" || test "$(wc -c <"$file")" -ne "$size"; then
      echo 'GitLab: LFS objects are missing. Ensure LFS is properly set up or try a manual "git lfs push --all".' >&2
      exit 1
    fi
  done
