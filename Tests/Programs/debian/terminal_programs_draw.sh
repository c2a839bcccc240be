# bash with job control, less, vim, nano and su on a terminal.
export TERM=linux
cat > bash.keys << 'END'
expect # 
send set +o emacs; PS1='P''> '\r
expect P> 
send sleep 100 &\r
expect P> 
send jobs\r
expect Running
expect P> 
send cat\r
send typed\r
expect typed\r\ntyped
send \x1a
expect Stopped
expect P> 
send bg %1; fg %2\r
expect cat
send again\r
expect again\r\nagain
send \x03
expect P> 
send kill %1; wait\r
expect P> 
send stty size; tty | cut -c 1-9\r
expect 24 80
expect /dev/pts/
expect P> 
send exit 5\r
end
END
drive bash.keys bash --norc --noprofile; echo "bash $?"
seq 200 > lines
cat > less.keys << 'END'
expect 23
send /77\r
expect 77
send G
expect 200
send q
end
END
drive less.keys less lines; echo "less $?"
cat > vim.keys << 'END'
expect lines.v
send dd:%s/^2$/two/\r
send Go
send last\e:wq\r
end
END
seq 5 > lines.v; drive vim.keys vim.tiny -u NONE lines.v; echo "vim $?"; paste -sd ' ' lines.v
cat > nano.keys << 'END'
expect New
send written by nano\x0f\r
expect Wrote
send \x18
end
END
drive nano.keys nano -I new.txt; echo "nano $?"; cat new.txt
cat > top.keys << 'END'
expect load average
send q
end
END
drive top.keys top -d 1; echo "top $?"
