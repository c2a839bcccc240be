# The pipeline of the issue, and longer ones.
mkdir d; cd d; touch alpha beta gamma; mkdir delta
ls -l | grep gamma | awk '{ print $1, $NF }'
ls | wc -l
echo one two three | tr ' ' '\n' | sort -r | head -n 2 | cat
seq 1 1000 | awk '{ s += $1 } END { print s }'
yes | head -n 3 | tr -d '\n'; echo
false | true; echo "status $?"
true | false; echo "status $?"
seq 1 20000 | tail -n 1
