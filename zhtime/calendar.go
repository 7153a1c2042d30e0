package zhtime

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"sync"
	"time"
)

//go:embed data/*.json
var noticeFiles embed.FS

// Calendar is the official working calendar: holidays and make-up workdays by date.
// It is immutable and safe for concurrent use. All its methods read the calendar day of the time they get in that
// time's own location and ignore the clock unless they say otherwise.
type Calendar struct {
	days    map[int32]listedDay // by yyyymmdd
	noticed map[int][]string    // years with a notice, and its papers
}

type listedDay struct {
	name string
	off  bool
}

// DayInfo says what kind of day a day is.
type DayInfo struct {
	Name      string // the holiday that the day belongs to (国庆节), also on a make-up workday; "" on an ordinary day
	Workday   bool
	MakeUp    bool // a weekend day that is worked (调休上班)
	Off       bool // a rest day because of a holiday; an ordinary weekend day is neither Off nor Workday
	Estimated bool // the year has no State Council notice: fixed statutory days only (暂按法定节日估算)
}

// notice is one year's file in the schema of holiday-cn.
type notice struct {
	Year   int      `json:"year"`
	Papers []string `json:"papers"`
	Days   []struct {
		Name string `json:"name"`
		Date string `json:"date"`
		Off  bool   `json:"isOffDay"`
	} `json:"days"`
}

var embedded = sync.OnceValue(func() *Calendar {
	c, err := load(&Calendar{}, noticeFiles, "data")
	if err != nil {
		panic(err) // the files are part of the binary and read by the tests
	}
	return c
})

// Embedded returns the calendar that is built in: the State Council notices for 2024 to 2026.
func Embedded() *Calendar { return embedded() }

// Load returns the embedded calendar with the years found in the root of files put in their place. Every *.json file
// holds one year in holiday-cn's schema: {"year", "papers", "days": [{"name", "date", "isOffDay"}]}.
func Load(files fs.FS) (*Calendar, error) { return load(Embedded(), files, ".") }

func load(c *Calendar, files fs.FS, dir string) (*Calendar, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, fmt.Errorf("read holiday folder: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".json" {
			continue
		}
		f, err := files.Open(path.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("open holiday file: %w", err)
		}
		c, err = c.With(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("holiday file %s: %w", e.Name(), err)
		}
	}
	return c, nil
}

// With returns a copy of c in which the year read from r (one JSON document in holiday-cn's schema) replaces what c
// knew of it. A notice without days leaves its year without a notice. Days outside the year are added as they are:
// a notice may move days of the December before.
func (c *Calendar) With(r io.Reader) (*Calendar, error) {
	var n notice
	if err := json.NewDecoder(r).Decode(&n); err != nil {
		return nil, fmt.Errorf("decode notice: %w", err)
	}
	if n.Year < 1949 || n.Year > 9999 {
		return nil, fmt.Errorf("notice for year %d", n.Year)
	}
	out := &Calendar{days: maps.Clone(c.days), noticed: maps.Clone(c.noticed)}
	if out.days == nil {
		out.days, out.noticed = map[int32]listedDay{}, map[int][]string{}
	}
	maps.DeleteFunc(out.days, func(k int32, _ listedDay) bool { return int(k)/10000 == n.Year })
	delete(out.noticed, n.Year)
	if len(n.Days) == 0 {
		return out, nil
	}
	out.noticed[n.Year] = append([]string{}, n.Papers...)
	for _, d := range n.Days {
		t, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			return nil, fmt.Errorf("notice for %d: %w", n.Year, err)
		}
		out.days[dayKey(t)] = listedDay{d.Name, d.Off}
	}
	return out, nil
}

// Noticed reports whether the official notice for a year is loaded.
func (c *Calendar) Noticed(year int) bool { _, ok := c.orEmbedded().noticed[year]; return ok }

// Papers returns the addresses of the notices that a year's days come from.
func (c *Calendar) Papers(year int) []string { return c.orEmbedded().noticed[year] }

// Day says what kind of day t falls on.
func (c *Calendar) Day(t time.Time) DayInfo {
	c = c.orEmbedded()
	wd := t.Weekday()
	weekend := wd == time.Saturday || wd == time.Sunday
	key := dayKey(t)
	if d, ok := c.days[key]; ok {
		return DayInfo{Name: d.name, Workday: !d.off, MakeUp: !d.off && weekend, Off: d.off}
	}
	_, noticed := c.noticed[int(key)/10000]
	info := DayInfo{Workday: !weekend, Estimated: !noticed}
	if !noticed {
		if name := statutory(t); name != "" {
			info.Name, info.Off, info.Workday = name, true, false
		}
	}
	return info
}

// IsWorkday reports whether t falls on a working day: a make-up day, or Monday to Friday without a holiday.
func (c *Calendar) IsWorkday(t time.Time) bool { return c.Day(t).Workday }

func (c *Calendar) orEmbedded() *Calendar {
	if c == nil {
		return Embedded()
	}
	return c
}

// statutory names the statutory holiday of t, "" when it has none (Regulation on Public Holidays, 2024 revision:
// 13 days). Lunar holidays are known where the lunar table reaches.
func statutory(t time.Time) string {
	m, d := t.Month(), t.Day()
	switch {
	case m == 1 && d == 1:
		return "元旦"
	case m == 5 && d <= 2:
		return "劳动节"
	case m == 10 && d <= 3:
		return "国庆节"
	case m == 4 && d >= 4 && d <= 6:
		if d == qingmingDay(t.Year()) {
			return "清明节"
		}
	case m <= 2:
		if ny, ok := lunarNewYear(t.Year()); ok {
			if n := daysBetween(ny, t); n >= -1 && n <= 2 {
				return "春节"
			}
		}
	case m == 5 || m == 6:
		if lunarIs(t, 5, 5) {
			return "端午节"
		}
	case m == 9 || m == 10:
		if lunarIs(t, 8, 15) {
			return "中秋节"
		}
	}
	return ""
}

func dayKey(t time.Time) int32 {
	y, m, d := t.Date()
	return int32(y*10000 + int(m)*100 + d)
}

// daysBetween counts the calendar days from a to b, whatever their clocks and locations.
func daysBetween(a, b time.Time) int {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return int(time.Date(by, bm, bd, 0, 0, 0, 0, time.UTC).Sub(time.Date(ay, am, ad, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
