package bot

import (
	"path"
	"strings"
	"unicode"
)

// Attachment is a file that the bot sends, or has fetched. Data is encoded as base64 in JSON.
type Attachment struct {
	Name string `json:"name"`
	Type string `json:"type"` // media type
	Data []byte `json:"data,omitempty"`
	// Stored names content that the store keeps: the lanes read it shortly before it is sent, so that no row holds it twice.
	Stored string `json:"stored,omitempty"`
}

const (
	maxStem      = 80 // runes of a file's name without its extension
	maxExtension = 16 // bytes, the dot included; what is longer is none
)

// extensions are given to names that have none, without which nobody can open the file.
var extensions = map[string]string{
	"application/pdf": ".pdf", "application/zip": ".zip", "text/plain": ".txt", "text/csv": ".csv", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}

// FileName is the name as platforms take it: one that can stand in the head of a form, is not too long and has an extension.
func (f *Attachment) FileName() string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\"`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(f.Name, "_"))
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	if ext == "" || ext == "." || len(ext) > maxExtension {
		kind, _, _ := strings.Cut(f.Type, ";")
		stem, ext = strings.TrimSuffix(name, "."), extensions[strings.TrimSpace(kind)]
		if ext == "" {
			ext = ".bin"
		}
	}
	if stem == "" {
		stem = "文件"
	}
	if runes := []rune(stem); len(runes) > maxStem {
		stem = string(runes[:maxStem])
	}
	return stem + ext
}
