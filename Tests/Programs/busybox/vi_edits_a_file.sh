printf 'first line\nsecond line\nthird line\n' > text
# After ESC vi's last line says that it waits for commands again: keys that follow too soon are one key with it.
cat > keys <<'END'
expect first line
expect third line
expect - text 1/3
send jdd
expect Delete 1 lines
send ofresh text
expect I text [Modified] 3/3
send \e
expect - text [Modified] 3/3
send :%s/third/3rd/\r
expect 3rd line
send ggxiF
expect I text [Modified] 1/3
send \e
expect - text [Modified] 1/3
send :wq\r
end
END
drive keys vi text; echo "status $?"; cat text
