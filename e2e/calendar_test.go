package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lianbang/zhtime"
)

// TestCalendarAgainstNpm compares every day of 2024 to 2026 with two independent npm packages.
func TestCalendarAgainstNpm(t *testing.T) {
	modules := npmInstall(t, "chinese-days@1.5.7", "holiday-calendar@1.3.3")
	for name, workdays := range map[string]func(year int) map[string]bool{
		"chinese-days":     chineseDays(t, modules),
		"holiday-calendar": holidayCalendar(t, modules),
	} {
		for year := 2024; year <= 2026; year++ {
			listed := workdays(year)
			if len(listed) < 20 {
				t.Errorf("%s lists only %d days of %d", name, len(listed), year)
			}
			for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
				want, ok := listed[d.Format(time.DateOnly)]
				if !ok {
					want = d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
				}
				if got := zhtime.Embedded().IsWorkday(d); got != want {
					t.Errorf("%s: %s workday %v, here %v", name, d.Format(time.DateOnly), want, got)
				}
			}
		}
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// chineseDays reads dist/chinese-days.json: {holidays, workdays} by date.
func chineseDays(t *testing.T, modules string) func(int) map[string]bool {
	var all struct{ Holidays, Workdays map[string]string }
	readJSON(t, filepath.Join(modules, "chinese-days", "dist", "chinese-days.json"), &all)
	return func(year int) map[string]bool {
		prefix := fmt.Sprintf("%d-", year)
		days := map[string]bool{}
		for workday, list := range map[bool]map[string]string{false: all.Holidays, true: all.Workdays} {
			for date := range list {
				if date[:5] == prefix {
					days[date] = workday
				}
			}
		}
		return days
	}
}

// holidayCalendar reads data/CN/<year>.json: dates of type public_holiday or transfer_workday.
func holidayCalendar(t *testing.T, modules string) func(int) map[string]bool {
	return func(year int) map[string]bool {
		var file struct{ Dates []struct{ Date, Type string } }
		readJSON(t, filepath.Join(modules, "holiday-calendar", "data", "CN", fmt.Sprintf("%d.json", year)), &file)
		days := map[string]bool{}
		for _, d := range file.Dates {
			switch d.Type {
			case "public_holiday":
				days[d.Date] = false
			case "transfer_workday":
				days[d.Date] = true
			default:
				t.Errorf("%s: unknown type %q", d.Date, d.Type)
			}
		}
		return days
	}
}
