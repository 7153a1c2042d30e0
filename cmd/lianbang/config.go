package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lianbang/scheduler"
)

// The choices of members: who is a member of a consortium without having been appointed.
const (
	membersInGroups  = "groups"    // who speaks in a group that is bound to it
	membersAppointed = "appointed" // nobody
)

// Config is everything an operator may set. The zero values of a missing file are filled in by defaults.
type Config struct {
	BotName  string         `yaml:"bot_name"`
	Timezone string         `yaml:"timezone"`
	Listen   string         `yaml:"listen"`
	Members  string         `yaml:"members"`
	Data     string         `yaml:"data"`
	Database DatabaseConfig `yaml:"database"`
	Web      WebConfig      `yaml:"web"`
	Feishu   []FeishuConfig `yaml:"feishu"`
	WeCom    []WeComConfig  `yaml:"wecom"`
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
		BotName: "联帮", Timezone: "Asia/Shanghai", Listen: "127.0.0.1:8080", Members: membersInGroups, Data: "./data",
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

// fromEnvironment takes secrets from files and from the environment, which wins.
func (c *Config) fromEnvironment() (problems []error) {
	for _, k := range c.secrets() {
		if err := k.take(); err != nil {
			problems = append(problems, err)
		}
	}
	for name, set := range map[string]func(string){
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
	if c.Members != membersInGroups && c.Members != membersAppointed {
		bad("members", "没有“%s”这种做法，要写 groups(在绑定的群里说话就是成员)或 appointed(由人任命)", c.Members)
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
	problems = append(problems, validateFeishu(c.Feishu)...)
	problems = append(problems, validateWeCom(c.WeCom)...)
	return append(problems, validateCallbacks(c.callbacks())...)
}

// callbacks are the paths that platforms push to.
func (c *Config) callbacks() (all []callback) {
	for i, f := range c.Feishu {
		all = append(all, f.callbacks(i)...)
	}
	for i, w := range c.WeCom {
		all = append(all, w.callbacks(i)...)
	}
	return all
}

// secrets are all keys that hold a secret.
func (c *Config) secrets() []secretKey {
	keys := []secretKey{{"database.postgres", &c.Database.Postgres, c.Database.PostgresFile, "LIANBANG_POSTGRES"}}
	for i := range c.Feishu {
		keys = append(keys, c.Feishu[i].secrets(i)...)
	}
	for i := range c.WeCom {
		keys = append(keys, c.WeCom[i].secrets(i)...)
	}
	return keys
}

// doubts are what is allowed and yet worth a second look, each with the path of its key.
func (c *Config) doubts() (out []string) {
	for _, k := range c.secrets() {
		if exposed(k.file) {
			out = append(out, fmt.Sprintf("%s_file：%s 别的用户也能读。运行 chmod 600 %s", k.key, k.file, k.file))
		}
	}
	if key := c.keyFile(); exposed(key) {
		out = append(out, fmt.Sprintf("密钥文件 %s 别的用户也能读。运行 chmod 600 %s", key, key))
	}
	for i, f := range c.Feishu {
		out = append(out, f.doubts(i, c.Listen)...)
	}
	for i, w := range c.WeCom {
		out = append(out, w.doubts(i, c.Listen)...)
	}
	return out
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
	return err == nil && loopbackHost(host)
}

// loopbackHost reports whether a name or an address of a host is this machine's own.
func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
