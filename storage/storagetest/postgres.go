package storagetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"lianbang/storage"
)

// requirePostgres, set to 1, turns the skip of tests for which there is no PostgreSQL into a failure.
const requirePostgres = "LIANBANG_REQUIRE_POSTGRES"

var errNoPostgres = errors.New("no PostgreSQL server binaries in /usr/lib/postgresql/*/bin or on the PATH")

// Postgres returns the URL of a fresh, empty database in a throw-away cluster. The cluster is started once a test binary,
// listens on a socket in a temporary folder only, and ends with the test binary, whatever its end. Where there are no
// server binaries the test is skipped, or fails when LIANBANG_REQUIRE_POSTGRES=1.
func Postgres(t testing.TB) string {
	t.Helper()
	c, err := theCluster()
	if errors.Is(err, errNoPostgres) && os.Getenv(requirePostgres) != "1" {
		t.Skip("skipped on PostgreSQL: ", err)
	}
	if err != nil {
		t.Fatal("start PostgreSQL: ", err)
	}
	url, err := c.database(t.Context())
	if err != nil {
		t.Fatal("make a PostgreSQL database: ", err)
	}
	return url
}

// OpenPostgres opens a fresh database on PostgreSQL, closed with the test. change, which may be nil, adjusts the options.
func OpenPostgres(t testing.TB, change func(*storage.Options)) *storage.DB {
	t.Helper()
	return open(t, storage.Options{Postgres: Postgres(t)}, change)
}

var theCluster = sync.OnceValues(startCluster)

// cluster is a running throw-away server.
type cluster struct {
	socket string
	held   io.Closer // the server's life: not to be collected
	mu     sync.Mutex
	made   int
}

func (c *cluster) url(database string) string {
	return fmt.Sprintf("postgres:///%s?host=%s&user=postgres", database, c.socket)
}

func (c *cluster) database(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	c.made++
	name := fmt.Sprintf("test%d", c.made)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	return c.url(name), nil
}

func serverBinaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.Sort(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errNoPostgres
}

// supervise runs the server as the child of a shell that waits for the end of its standard input, which the test binary
// holds open: however the test binary ends, the server is stopped and its folder removed.
const supervise = `"$1/postgres" -D "$2/data" >"$2/log" 2>&1 </dev/null &
cat >/dev/null
kill -INT $! 2>/dev/null
wait $!
rm -rf "$2"`

func startCluster() (*cluster, error) {
	bin, err := serverBinaries()
	if err != nil {
		return nil, err
	}
	attributes := &syscall.SysProcAttr{Setpgid: true} // an interrupt of the terminal is for the tests
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 { // the server refuses to run as root
		owner, err := user.Lookup("postgres")
		if err != nil {
			return nil, fmt.Errorf("running as root without a user named postgres: %w", err)
		}
		uid, _ := strconv.ParseUint(owner.Uid, 10, 32)
		gid, _ := strconv.ParseUint(owner.Gid, 10, 32)
		attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, int(uid), int(gid)); err != nil {
			return nil, err
		}
	}
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		c.SysProcAttr, c.Dir = attributes, dir
		c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+dir)
		return c
	}
	init := command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8",
		"--locale=C.UTF-8", "--no-sync")
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	settings := strings.Join([]string{"listen_addresses = ''", "unix_socket_directories = '" + dir + "'", "fsync = off",
		"synchronous_commit = off", "full_page_writes = off", "max_connections = 200", "shared_buffers = 32MB", ""}, "\n")
	conf, err := os.OpenFile(filepath.Join(dir, "data", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	_, err = conf.WriteString(settings)
	if err = errors.Join(err, conf.Close()); err != nil {
		return nil, err
	}
	server := command("/bin/sh", "-c", supervise, "sh", bin, dir)
	held, err := server.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, err
	}
	c := &cluster{socket: dir, held: held}
	for range 200 {
		conn, err := pgx.Connect(context.Background(), c.url("postgres"))
		if err == nil {
			conn.Close(context.Background())
			return c, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	return nil, fmt.Errorf("the server does not answer: %s", log)
}
