package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"lianbang/scheduler"
)

// Secret is a string that never shows itself.
type Secret string

// String implements fmt.Stringer.
func (s Secret) String() string {
	if s == "" {
		return "[unset]"
	}
	return "[set]"
}

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return s.String() }

// MarshalText implements encoding.TextMarshaler, for logs and dumps.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = Secret(b)
	return nil
}

// Config is everything an operator may set. The zero values of a missing file are filled in by defaults.
type Config struct {
	BotName  string         `yaml:"bot_name"`
	Timezone string         `yaml:"timezone"`
	Listen   string         `yaml:"listen"`
	Data     string         `yaml:"data"`
	Database DatabaseConfig `yaml:"database"`
	Web      WebConfig      `yaml:"web"`
	Digest   DigestConfig   `yaml:"digest"`
	Needs    NeedsConfig    `yaml:"needs"`
	Calendar CalendarConfig `yaml:"calendar"`
	Log      LogConfig      `yaml:"log"`

	zone *time.Location
}

// DatabaseConfig chooses the database and the key that seals what people say.
type DatabaseConfig struct {
	Postgres     Secret `yaml:"postgres"`
	PostgresFile string `yaml:"postgres_file"`
	KeyFile      string `yaml:"key_file"`
}

// WebConfig is the local group chat in the browser.
type WebConfig struct {
	Enabled *bool    `yaml:"enabled"`
	Rooms   []string `yaml:"rooms"`
}

// DigestConfig is the weekly digest.
type DigestConfig struct {
	Schedule string `yaml:"schedule"`
}

// NeedsConfig is the list of categories, the last of which takes what fits none.
type NeedsConfig struct {
	Categories []string `yaml:"categories"`
}

// CalendarConfig names a folder with yearly holiday files that override the embedded ones.
type CalendarConfig struct {
	Folder string `yaml:"folder"`
}

// LogConfig is what is logged, to standard error.
type LogConfig struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

func defaults() Config {
	on := true
	return Config{
		BotName: "联帮", Timezone: "Asia/Shanghai", Listen: "127.0.0.1:8080", Data: "./data",
		Web:    WebConfig{Enabled: &on, Rooms: []string{"光电信息群", "联络员群"}},
		Digest: DigestConfig{Schedule: scheduler.DigestSchedule},
		Needs: NeedsConfig{Categories: []string{"融资", "用工", "政策", "销售", "技术", "场地", "物流水电", "证照", "法律", "税务", "人才",
			"党务", "环保安全", "其他"}},
		Log: LogConfig{Level: "info", Format: "text"},
	}
}

// LoadConfig reads a file, or takes the defaults when path is empty, and then the environment. It reports every mistake.
func LoadConfig(path string) (Config, error) {
	c := defaults()
	var problems []error
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return c, fmt.Errorf("read configuration: %w", err)
		}
		problems = append(problems, decode(text, &c)...)
	}
	problems = append(problems, c.fromEnvironment()...)
	problems = append(problems, c.Validate()...)
	if len(problems) > 0 {
		return c, fmt.Errorf("the configuration %s has %d problem(s):\n%w", path, len(problems), errors.Join(problems...))
	}
	return c, nil
}

// decode reads YAML strictly: unknown keys and wrong types are all reported, with their lines.
func decode(text []byte, c *Config) (problems []error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	err := d.Decode(c)
	var all *yaml.TypeError
	switch {
	case err == nil, errors.Is(err, io.EOF):
	case errors.As(err, &all):
		for _, e := range all.Errors {
			problems = append(problems, errors.New(e))
		}
	default:
		problems = append(problems, err)
	}
	return problems
}

// fromEnvironment takes secrets from files and from the environment, which wins.
func (c *Config) fromEnvironment() (problems []error) {
	if c.Database.PostgresFile != "" {
		text, err := os.ReadFile(c.Database.PostgresFile)
		if err != nil {
			problems = append(problems, fmt.Errorf("database.postgres_file: %w", err))
		}
		c.Database.Postgres = Secret(strings.TrimSpace(string(text)))
	}
	for name, set := range map[string]func(string){
		"LIANBANG_POSTGRES": func(v string) { c.Database.Postgres = Secret(v) },
		"LIANBANG_KEY_FILE": func(v string) { c.Database.KeyFile = v },
		"LIANBANG_DATA":     func(v string) { c.Data = v },
		"LIANBANG_LISTEN":   func(v string) { c.Listen = v },
	} {
		if v, ok := os.LookupEnv(name); ok {
			set(v)
		}
	}
	return problems
}

// Validate reports all problems, each with the path of its key.
func (c *Config) Validate() (problems []error) {
	bad := func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if n := len([]rune(c.BotName)); n == 0 || n > 20 || strings.ContainsAny(c.BotName, " @\n") {
		bad("bot_name", "must be 1 to 20 characters without spaces or @")
	}
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil || c.Timezone == "" {
		bad("timezone", "%q is not a time zone such as Asia/Shanghai", c.Timezone)
		zone = time.UTC
	}
	c.zone = zone
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		bad("listen", "%q is not an address such as 127.0.0.1:8080", c.Listen)
	}
	if c.webOn() && !c.loopback() {
		bad("web.enabled", "the browser chat has no login and needs a loopback address in listen; switch it off to listen on %s", c.Listen)
	}
	if len(c.Web.Rooms) == 0 || slices.Contains(c.Web.Rooms, "") {
		bad("web.rooms", "must list at least one room, none empty")
	}
	if c.Data == "" {
		bad("data", "must name a folder")
	}
	if u, err := url.Parse(string(c.Database.Postgres)); c.Database.Postgres != "" && (err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql") {
		bad("database.postgres", "must be a URL such as postgres://user:password@host/database")
	}
	if _, err := scheduler.ParseSchedule(c.Digest.Schedule, zone); err != nil {
		bad("digest.schedule", "%q is not a cron expression such as %q", c.Digest.Schedule, scheduler.DigestSchedule)
	}
	if len(c.Needs.Categories) < 2 || slices.Contains(c.Needs.Categories, "") {
		bad("needs.categories", "must list at least two categories, none empty")
	}
	if c.Calendar.Folder != "" {
		if s, err := os.Stat(c.Calendar.Folder); err != nil || !s.IsDir() {
			bad("calendar.folder", "%q is not a folder", c.Calendar.Folder)
		}
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		bad("log.level", "must be debug, info, warn or error")
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		bad("log.format", "must be text or json")
	}
	return problems
}

// keyFile is where the sealing key lies: beside the data unless it is set.
func (c *Config) keyFile() string {
	if c.Database.KeyFile != "" {
		return c.Database.KeyFile
	}
	return filepath.Join(c.Data, "lianbang.key")
}

func (c *Config) webOn() bool { return c.Web.Enabled == nil || *c.Web.Enabled }

// loopback reports whether only this machine reaches the address: the local chat lets strangers in there and nowhere else.
func (c *Config) loopback() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
