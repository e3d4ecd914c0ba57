# Let each component that was applied on this server compare what is there with what it left. Reads only.
# Prints lines of tab-separated words: lost TOKEN (when a record was last made or lost), record COMPONENT NAME
# GENERATION, drift COMPONENT NAME SENTENCE.
# shellcheck shell=sh

root=/var/lib/greenpush
[ -d "$root" ] || root=/var/lib
printf 'lost\t%s\n' "$(stat -c %Y "$root")"

for record in /var/lib/greenpush/*.*; do
  [ -f "$record/script" ] || continue
  known=${record##*/}
  printf 'record\t%s\t%s\t%s\n' "${known%%.*}" "${known#*.}" "$(cat "$record/generation")"
  sh "$record/script" probe </dev/null || :
done
