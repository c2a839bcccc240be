mkdir -p t/a/b/c t/d; touch t/a/1.txt t/a/b/2.txt t/a/b/c/3.log t/d/4.txt; chmod 600 t/d/4.txt; ln -s a t/link
find t -name '*.txt' | sort
find t -type d | sort
find t -type l
find t -maxdepth 1 -mindepth 1 | sort
find t -perm 600
find t -name '*.log' -exec echo found {} \;
find t -type f | sort | xargs -n 2 echo
find t -name 3.log -exec rm {} \;; find t -name '*.log' | wc -l
