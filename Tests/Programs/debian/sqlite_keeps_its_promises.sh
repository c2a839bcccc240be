sqlite3 t.db "create table t(a integer primary key, b); with recursive c(x) as (select 1 union all select x + 1 from c where x < 5000) insert into t select x, x * x from c; select count(*), sum(b) from t; create index i on t(b); pragma integrity_check;"
sqlite3 t.db "pragma journal_mode = wal; insert into t(b) values(1); select count(*) from t;"; sqlite3 t.db "begin; delete from t; rollback; select count(*) from t;"
for i in 1 2 3 4; do sqlite3 -cmd '.timeout 20000' t.db "insert into t(b) select 2 from t limit 250" & done; wait
sqlite3 t.db "select count(*) from t; pragma integrity_check; pragma journal_mode = delete; vacuum;"; ls t.db*
sqlite3 -cmd '.timeout 1' t.db "begin exclusive; select 'mine';" ".shell sqlite3 -cmd '.timeout 1' t.db 'insert into t(b) values(0)' 2>&1"
