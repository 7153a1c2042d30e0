package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

const secret = "N30.5 E114.3 secret"

// sample is a small picture whose corners differ.
func sample(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), 80, 255})
		}
	}
	return m
}

func jpegFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, sample(40, 30), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, sample(40, 30)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func segment(marker byte, body string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(b, body...)
}

func chunk(kind, body string) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind+body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func webpChunk(kind, body string) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body))), body...)
	return append(b, make([]byte, len(body)&1)...)
}

// cameraJPEG is a photo as a phone makes it: turned, with a place, a comment, a thumbnail and a film behind it.
func cameraJPEG(t testing.TB) []byte {
	plain := jpegFile(t)
	exif := exifHead + "II*\x00\x08\x00\x00\x00\x02\x00" +
		"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" + "\x25\x88\x04\x00\x01\x00\x00\x00\x30\x00\x00\x00" + "\x00\x00\x00\x00" + secret
	thumb := "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01" + secret
	return bytes.Join([][]byte{plain[:2], segment(mAPP0, thumb), segment(mAPP1, exif), segment(mAPP1, "http://ns.adobe.com/xap/1.0/\x00"+secret),
		segment(0xed, "Photoshop 3.0\x00"+secret), segment(mAPP2, "MPF\x00"+secret), segment(mAPP2, "ICC_PROFILE\x00\x01\x01profile"),
		segment(0xfe, secret), plain[2:], []byte("ftypmp42" + secret)}, nil)
}

// TestJPEG: nothing of the camera is left but which way it was held, and the picture is the same to the bit.
func TestJPEG(t *testing.T) {
	in := cameraJPEG(t)
	out, format, err := Clean(in)
	if err != nil || format != JPEG {
		t.Fatal(format, err)
	}
	for _, gone := range []string{"secret", "xap", "Photoshop", "MPF", "ftyp", "II*"} {
		if bytes.Contains(out, []byte(gone)) {
			t.Errorf("%q is left", gone)
		}
	}
	if !bytes.Contains(out, []byte("ICC_PROFILE\x00\x01\x01profile")) || !bytes.Contains(out, exifOrientation(6)) {
		t.Error("the colour profile or the orientation is gone")
	}
	if o := orientation(exifOrientation(6)[4:]); o != 6 {
		t.Errorf("our own orientation reads as %d", o)
	}
	samePicture(t, in, out)
	again, _, err := Clean(out)
	if err != nil || !bytes.Equal(again, out) {
		t.Errorf("cleaning twice is not cleaning once: %v", err)
	}
}

func samePicture(t *testing.T, in, out []byte) {
	t.Helper()
	a, _, errIn := image.Decode(bytes.NewReader(in))
	b, _, errOut := image.Decode(bytes.NewReader(out))
	if err := errors.Join(errIn, errOut); err != nil {
		t.Fatal(err)
	}
	if a.Bounds() != b.Bounds() || a.At(3, 20) != b.At(3, 20) || a.At(39, 0) != b.At(39, 0) {
		t.Error("the picture changed")
	}
}

// TestPNG: only the chunks that draw are left.
func TestPNG(t *testing.T) {
	plain := pngFile(t)
	head := len(pngMagic) + 25
	in := bytes.Join([][]byte{plain[:head], chunk("eXIf", secret), chunk("tEXt", "GPS\x00"+secret), chunk("gAMA", "\x00\x00\xb1\x8f"), plain[head:], []byte(secret)}, nil)
	out, format, err := Clean(in)
	if err != nil || format != PNG {
		t.Fatal(format, err)
	}
	if bytes.Contains(out, []byte("secret")) || !bytes.Contains(out, []byte("gAMA")) {
		t.Error("the wrong chunks are left")
	}
	samePicture(t, in, out)
}

// TestWebP: Exif and XMP go, and the head no longer tells of them.
func TestWebP(t *testing.T) {
	picture := webpChunk("VP8L", "\x2f\x27\x40\x07\x00odd")
	in := riff(webpChunk("VP8X", "\x0c\x00\x00\x00\x27\x00\x00\x1d\x00\x00"), webpChunk("ICCP", "profile"), picture, webpChunk("EXIF", secret), webpChunk("XMP ", secret))
	out, format, err := Clean(in)
	want := riff(webpChunk("VP8X", "\x00\x00\x00\x00\x27\x00\x00\x1d\x00\x00"), webpChunk("ICCP", "profile"), picture)
	if err != nil || format != WebP || !bytes.Equal(out, want) {
		t.Errorf("%v %v\n%q\nwant\n%q", format, err, out, want)
	}
}

// TestRefused: what is no picture, or too much of one.
func TestRefused(t *testing.T) {
	head := func(w, h uint32) []byte {
		b := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
		return append(append(bytes.Clone(pngMagic), chunk("IHDR", string(b)+"\x08\x06\x00\x00\x00")...), chunk("IDAT", "x")...)
	}
	whole := jpegFile(t)
	cases := map[string]struct {
		data []byte
		want error
	}{
		"nothing":            {nil, ErrFormat},
		"words":              {[]byte("hello, this is a text"), ErrFormat},
		"a GIF":              {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"), ErrFormat},
		"HEIC":               {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), ErrFormat},
		"a film in WebP":     {riff(webpChunk("VP8X", "\x02\x00\x00\x00\x27\x00\x00\x1d\x00\x00"), webpChunk("ANIM", "123456")), ErrFormat},
		"only a head":        {whole[:20], ErrBroken},
		"cut off":            {whole[:len(whole)-2], ErrBroken},
		"a wide PNG":         {head(30000, 1), ErrLarge},
		"a bomb":             {head(15000, 15000), ErrLarge},
		"a size that wraps":  {head(1<<31, 1<<31), ErrLarge},
		"no width":           {head(0, 5), ErrBroken},
		"a PNG without end":  {head(10, 10), ErrBroken},
		"a WebP that is cut": {riff(webpChunk("VP8L", "\x2f\x27\x40\x07\x00"))[:20], ErrBroken},
		"too many bytes":     {append(bytes.Clone(whole), make([]byte, MaxBytes)...), ErrLarge},
	}
	for name, c := range cases {
		if out, _, err := Clean(c.data); !errors.Is(err, c.want) || out != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// FuzzClean: never a panic, never more than came in but for an orientation, and what is clean stays as it is.
func FuzzClean(f *testing.F) {
	f.Add(cameraJPEG(f))
	f.Add(pngFile(f))
	f.Add(riff(webpChunk("VP8X", "\x0c\x00\x00\x00\x27\x00\x00\x1d\x00\x00"), webpChunk("VP8L", "\x2f\x27\x40\x07\x00"), webpChunk("EXIF", secret)))
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		out, format, err := Clean(data)
		if !bytes.Equal(before, data) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			return
		}
		if len(out) > len(data)+2 {
			t.Fatalf("%d bytes became %d", len(data), len(out))
		}
		again, same, err := Clean(out)
		if err != nil || same != format || !bytes.Equal(again, out) {
			t.Fatalf("not clean after all: %v", err)
		}
	})
}
