package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one embedded file. Its checksum is that of the whole file, for both dialects.
type migration struct {
	name, checksum, text string
}

func readMigrations() ([]migration, error) {
	entries, err := migrationFiles.ReadDir("migrations") // sorted by name
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var out []migration
	for _, e := range entries {
		data, err := migrationFiles.ReadFile("migrations/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read a migration: %w", err)
		}
		sum := sha256.Sum256(data)
		out = append(out, migration{e.Name(), hex.EncodeToString(sum[:]), string(data)})
	}
	return out, nil
}

var dialectNames = [dialects]string{sqlite: "sqlite", postgres: "postgres"}

// only drops the lines that are marked for another database.
func (d dialect) only(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if _, mark, found := strings.Cut(line, "-- only:"); !found || strings.TrimSpace(mark) == dialectNames[d] {
			out.WriteString(line)
		}
	}
	return out.String()
}

const (
	migrationTable = `CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, checksum text NOT NULL, at bigint NOT NULL)`
	migrationList  = `SELECT name, checksum FROM schema_migration ORDER BY name`
	migrationNote  = `INSERT INTO schema_migration(name, checksum, at) VALUES($1, $2, $3)`
	migrationLock  = `SELECT pg_advisory_xact_lock(5136714302)` // any number that nobody else uses
)

// migrate brings the schema up to date, all in one transaction.
func (db *DB) migrate(ctx context.Context, progress func(Progress)) error {
	files, err := readMigrations()
	if err != nil {
		return err
	}
	tx, err := db.shared.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to migrate: %w", err)
	}
	defer tx.Rollback()
	if db.dialect == postgres {
		if _, err := tx.ExecContext(ctx, migrationLock); err != nil {
			return fmt.Errorf("wait for other nodes that migrate: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, migrationTable); err != nil {
		return fmt.Errorf("make the table of migrations: %w", err)
	}
	done, err := appliedMigrations(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range files {
		if sum, ok := done[m.name]; ok && sum != m.checksum {
			return fmt.Errorf("升级步骤 %s 和这个数据库当初用的不一样。请用原来的 lianbang 打开它；改动要写进新的升级步骤", m.name)
		}
	}
	known := map[string]bool{}
	for _, m := range files {
		known[m.name] = true
	}
	for name := range done {
		if !known[name] {
			return fmt.Errorf("数据库比这个程序新(有 %s)。请用更新的 lianbang 打开它", name)
		}
	}
	for i, m := range files {
		if _, ok := done[m.name]; ok {
			continue
		}
		if progress != nil {
			progress(Progress{Migration: m.name, Done: i, Total: len(files)})
		}
		for _, command := range commandsOf(db.dialect.only(m.text)) {
			if _, err := tx.ExecContext(ctx, command); err != nil {
				return fmt.Errorf("apply the migration %s: %w", m.name, err)
			}
		}
		if _, err := tx.ExecContext(ctx, migrationNote, m.name, m.checksum, time.Now().UnixMicro()); err != nil {
			return fmt.Errorf("note the migration %s: %w", m.name, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit the migrations: %w", err)
	}
	return nil
}

func appliedMigrations(ctx context.Context, tx *sql.Tx) (map[string]string, error) {
	rows, err := tx.QueryContext(ctx, migrationList)
	if err != nil {
		return nil, fmt.Errorf("list applied migrations: %w", err)
	}
	defer rows.Close()
	done := map[string]string{}
	for rows.Next() {
		var name, sum string
		if err := rows.Scan(&name, &sum); err != nil {
			return nil, fmt.Errorf("read an applied migration: %w", err)
		}
		done[name] = sum
	}
	return done, rows.Err()
}

// commandsOf splits a migration at semicolons that end a line, without its comments.
func commandsOf(text string) []string {
	var out []string
	var command strings.Builder
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "--")
		code = strings.TrimSpace(code)
		if code == "" {
			continue
		}
		if body, end := strings.CutSuffix(code, ";"); end {
			command.WriteString(body)
			out = append(out, command.String())
			command.Reset()
			continue
		}
		command.WriteString(code + "\n")
	}
	return out
}
