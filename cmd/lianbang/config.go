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
	"reflect"
	"regexp"
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
		where := "配置文件 " + path + " "
		if path == "" {
			where = "环境变量里的配置"
		}
		return c, fmt.Errorf("%s有 %d 处要改：\n%w", where, len(problems), errors.Join(problems...))
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
			problems = append(problems, mistake(e))
		}
	default:
		problems = append(problems, mistake(err.Error()))
	}
	return problems
}

// mistakes are what the YAML decoder says.
var (
	unknownKey   = regexp.MustCompile(`^line (\d+): field (.+) not found in type main\.(\w+)$`)
	wrongType    = regexp.MustCompile("(?s)^line (\\d+): cannot unmarshal !!(\\w+)(?: `(.*)`)? into (.+)$")
	yamlMistakes = phrases(
		`^line (\d+): mapping key "(.+)" already defined at line (\d+)$`, `第${1}行：${2} 在第${3}行已经写过，留一处`,
		`^line (\d+): field (\S+) already set`, `第${1}行：${2} 已经写过，留一处`,
		`^(?:yaml: )?line (\d+): .*cannot start any token`, `第${1}行：有不能这样用的字符。缩进用空格，不用 Tab；含特殊符号的内容加引号`,
		`^(?:yaml: )?line (\d+): `, `第${1}行附近：格式不对。看看缩进是否对齐、冒号后有没有空格、引号和括号是否成对`,
		`^(?:yaml: )?.*(?:UTF-8|UTF-16|control characters)`, `文件的文字编码不对，要存成 UTF-8`,
		`^yaml: `, `文件的格式不对，对照 config.example.yaml 看看`,
	)
)

// mistake is one of them as the operator reads it.
func mistake(text string) error {
	if m := unknownKey.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("第%s行：没有 %s 这个配置项，这里可以写 %s", m[1], m[2], strings.Join(keysOf(reflect.TypeFor[Config](), m[3]), "、"))
	}
	if m := wrongType.FindStringSubmatch(text); m != nil {
		given := kindNames[m[2]]
		if m[3] != "" {
			given += " " + m[3]
		}
		return fmt.Errorf("第%s行：这里要写%s，写成了%s", m[1], wanted(m[4]), given)
	}
	if words, ok := said(yamlMistakes, text); ok {
		return errors.New(words)
	}
	return errors.New("格式不对，对照 config.example.yaml 看看：" + text)
}

var kindNames = map[string]string{
	"int": "整数", "float": "小数", "str": "文字", "bool": "开关", "seq": "列表", "map": "一组配置项", "null": "空", "timestamp": "日期", "binary": "二进制内容",
}

// wanted says what a key of that Go type takes.
func wanted(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "列表，例如 [甲, 乙]"
	case strings.HasSuffix(goType, "bool"):
		return " true 或 false"
	case strings.HasSuffix(goType, "string"), strings.HasSuffix(goType, "Secret"):
		return "一段文字"
	}
	return "一组配置项，每行一个"
}

// keysOf lists the keys of the configuration's type with that name, wherever in t it is.
func keysOf(t reflect.Type, name string) (keys []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if key := f.Tag.Get("yaml"); key != "" && t.Name() == name {
			keys = append(keys, key)
		}
		if f.IsExported() && f.Type.Kind() == reflect.Struct {
			keys = append(keys, keysOf(f.Type, name)...)
		}
	}
	return keys
}

// fromEnvironment takes secrets from files and from the environment, which wins.
func (c *Config) fromEnvironment() (problems []error) {
	if c.Database.PostgresFile != "" {
		text, err := os.ReadFile(c.Database.PostgresFile)
		if err != nil {
			problems = append(problems, errors.New("database.postgres_file："+inChinese(err)))
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
		problems = append(problems, fmt.Errorf("%s：%s", key, fmt.Sprintf(format, args...)))
	}
	if n := len([]rune(c.BotName)); n == 0 || n > 20 || strings.ContainsAny(c.BotName, " @\n") {
		bad("bot_name", "要写 1 到 20 个字，不含空格和 @")
	}
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil || c.Timezone == "" {
		bad("timezone", "没有“%s”这个时区，要写成 Asia/Shanghai 这样", c.Timezone)
		zone = time.UTC
	}
	c.zone = zone
	if why := wrongAddress(c.Listen); why != "" {
		bad("listen", "%s", why)
	} else if c.webOn() && !c.loopback() {
		bad("web.enabled", "网页群聊没有登录，只能开在本机，而 listen 是 %s。把 listen 改成 127.0.0.1:8080，或把 web.enabled 改成 false", c.Listen)
	}
	if len(c.Web.Rooms) == 0 || slices.Contains(c.Web.Rooms, "") {
		bad("web.rooms", "至少写一个群，每个都要有名字")
	}
	if c.Data == "" {
		bad("data", "要写数据目录，例如 ./data")
	}
	if u, err := url.Parse(string(c.Database.Postgres)); c.Database.Postgres != "" && (err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql") {
		bad("database.postgres", "要写成 postgres://用户:密码@主机/库名")
	}
	if _, err := scheduler.ParseSchedule(c.Digest.Schedule, zone); err != nil {
		bad("digest.schedule", "看不懂“%s”，要写成“%s”这样(分 时 日 月 星期)", c.Digest.Schedule, scheduler.DigestSchedule)
	}
	if len(c.Needs.Categories) < 2 || slices.Contains(c.Needs.Categories, "") {
		bad("needs.categories", "至少写两类，每类都要有名字")
	}
	if c.Calendar.Folder != "" {
		if s, err := os.Stat(c.Calendar.Folder); err != nil || !s.IsDir() {
			bad("calendar.folder", "没有 %s 这个目录", c.Calendar.Folder)
		}
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		bad("log.level", "没有“%s”这一级，要写 debug、info、warn 或 error", c.Log.Level)
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		bad("log.format", "没有“%s”这种格式，要写 text 或 json", c.Log.Format)
	}
	return problems
}

// wrongAddress says what is wrong with an address to listen on, "" when nothing is.
func wrongAddress(listen string) string {
	_, port, err := net.SplitHostPort(listen)
	if err != nil || port == "" {
		return fmt.Sprintf("“%s”不是地址加端口，要写成 127.0.0.1:8080 这样", listen)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Sprintf("%s 的端口 %s 不对，要在 1 到 65535 之间", listen, port)
	}
	return ""
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
