echo first > f; echo second >> f; cat f
cat < f | wc -l
ls /nosuch 2> errors; echo "status $?"; grep -c nosuch errors
{ echo out; echo err >&2; } > both 2>&1; cat both
cat <<END
here $((6 * 7))
END
exec 3> third; echo to-three >&3; exec 3>&-; cat third
echo lost > /dev/null
read -r line < f; echo "read $line"
: > f; wc -c < f
set -C; echo x 2> /dev/null > f || echo "noclobber"
