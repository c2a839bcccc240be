# Nothing here waits for a time: each key is typed when the program that is to get it has said that it is there.
cat > ticker <<'END'
trap 'echo it goes on' CONT
echo it runs
while :; do sleep 0.05; done
END
cat > reader <<'END'
echo it reads
exec cat
END
cat > keys <<'END'
expect $ 
send PS1='ready''> '\r
expect ready> 
send sh ticker\r
expect it runs
send \x1a
expect Stopped
expect ready> 
send jobs\r
expect [1]+
expect Stopped
expect ready> 
send bg\r
expect it goes on
send \r
expect ready> 
send fg\r
expect it goes on
send \x03
expect ready> 
send echo status $?\r
expect status 130
expect ready> 
send sh reader\r
expect it reads
send typed\r
expect typed
expect typed
send \x04
expect ready> 
send (: > one; exec sleep 50) | (: > two; exec sleep 60) &\r
expect ready> 
send until [ -e one ] && [ -e two ]; do sleep 0.05; done; kill %1; wait; echo all ov''er\r
expect all over\r\n
expect ready> 
send exit 4\r
end
END
PS1='$ ' drive keys sh -i; echo "status $?"
