package bot

import (
	"strings"
	"testing"
)

// TestFileName: whatever an attachment is called, its name can stand in the head of a form and tells what it is.
func TestFileName(t *testing.T) {
	for want, f := range map[string]Attachment{
		"周报.XLSX":      {Name: "周报.XLSX"},
		"名单.csv":       {Name: "名单", Type: "text/csv; charset=utf-8"},
		"名单.txt":       {Name: "名单.", Type: "text/plain"},
		"文件.bin":       {},
		"文件.pdf":       {Name: ".pdf", Type: "application/pdf"},
		".._a__b_.pdf": {Name: "../a\r\nb\".pdf"},
		"a._.zip":      {Name: "a.\xff.zip"},
		"v1.2026-年度总结与明年计划.bin":                {Name: "v1.2026-年度总结与明年计划"},
		strings.Repeat("长", maxStem) + ".xlsx": {Name: strings.Repeat("长", 500) + ".xlsx"},
	} {
		if got := f.FileName(); got != want {
			t.Errorf("%q %s: %q, want %q", f.Name, f.Type, got, want)
		}
	}
}
