package bottest

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"

	"lianbang/bot"
)

var enclosed = regexp.MustCompile(`\[(图片|文件) ([^\]\n]+)\]`)

// cutFiles takes what is sent along out of a line of a talk: [图片 合影.jpg 座谈.jpg], [文件 签到表.xlsx].
func cutFiles(text string) (string, []bot.FileRef) {
	var files []bot.FileRef
	for _, m := range enclosed.FindAllStringSubmatch(text, -1) {
		kind := map[string]string{"图片": "image", "文件": "file"}[m[1]]
		for _, name := range strings.Fields(m[2]) {
			files = append(files, bot.FileRef{Key: name, Name: name, Kind: kind})
		}
	}
	return strings.TrimSpace(enclosed.ReplaceAllString(text, "")), files
}

// Picture is what a stage fetches of a talk: a picture that is the same whenever its name is. 没了 in the name means that it
// cannot be fetched, 太大 that it is too large, and 坏 that it is no picture.
func Picture(f bot.FileRef) (*bot.Attachment, error) {
	switch {
	case strings.Contains(f.Key, "没了"):
		return nil, bot.ErrFileGone
	case strings.Contains(f.Key, "太大"):
		return nil, bot.ErrFileLarge
	case strings.Contains(f.Key, "坏"):
		return &bot.Attachment{Name: f.Name, Data: []byte("no picture")}, nil
	}
	h := fnv.New32()
	fmt.Fprint(h, f.Key)
	sum := h.Sum32()
	m := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		m.Set(i%8, i/8, color.RGBA{uint8(sum), uint8(sum >> 8), uint8(sum >> 16), 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return nil, fmt.Errorf("draw a picture: %w", err)
	}
	return &bot.Attachment{Name: f.Name, Data: b.Bytes()}, nil
}
