package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The bounds of an XML document. The platform's own documents are below 8 KiB, four deep.
const (
	MaxXML      = 256 << 10 // bytes
	maxDepth    = 12
	maxElements = 2000
)

// What is refused in an XML document.
var (
	ErrXML      = errors.New("wecom: not XML")
	ErrXMLBound = errors.New("wecom: the XML is too large or too deep")
	ErrDTD      = errors.New("wecom: XML with a document type is refused")
)

// Element is one element of an XML document: its name, its own text and its children.
type Element struct {
	Name     string
	Chars    string // text and CDATA directly inside, joined
	Children []Element
}

// Text is the trimmed text of the first child of that name, or "".
func (e Element) Text(name string) string { return strings.TrimSpace(e.Child(name).Chars) }

// Child is the first child of that name, or an empty element.
func (e Element) Child(name string) Element {
	for _, c := range e.Children {
		if c.Name == name {
			return c
		}
	}
	return Element{}
}

// All are the children of that name.
func (e Element) All(name string) (out []Element) {
	for _, c := range e.Children {
		if c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// ParseXML reads one document. Document types are refused, so there are no entities but XML's own five, and nothing is
// fetched; size, depth and the number of elements are bounded. Raw control characters, which XML forbids, are dropped.
func ParseXML(b []byte) (Element, error) {
	if len(b) > MaxXML {
		return Element{}, ErrXMLBound
	}
	p := parser{d: xml.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(withoutControls(b), nil)))}
	var root *Element
	for {
		token, err := p.d.Token()
		if err == io.EOF && root != nil {
			return *root, nil
		}
		if err != nil {
			return Element{}, ErrXML // the decoder's words may quote the document
		}
		switch t := token.(type) {
		case xml.StartElement:
			if root != nil {
				return Element{}, ErrXML
			}
			e, err := p.element(t, 1)
			if err != nil {
				return Element{}, err
			}
			root = &e
		case xml.Directive:
			return Element{}, ErrDTD
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return Element{}, ErrXML
			}
		}
	}
}

type parser struct {
	d     *xml.Decoder
	count int
}

// element reads what follows a start tag, up to its end tag.
func (p *parser) element(start xml.StartElement, depth int) (Element, error) {
	if p.count++; depth > maxDepth || p.count > maxElements {
		return Element{}, ErrXMLBound
	}
	e := Element{Name: start.Name.Local}
	var chars strings.Builder
	for {
		token, err := p.d.Token()
		if err != nil {
			return Element{}, ErrXML
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := p.element(t, depth+1)
			if err != nil {
				return Element{}, err
			}
			e.Children = append(e.Children, child)
		case xml.EndElement:
			e.Chars = chars.String()
			return e, nil
		case xml.CharData:
			chars.Write(t)
		case xml.Directive:
			return Element{}, ErrDTD
		}
	}
}

// withoutControls drops U+0000–U+001F except tab, line feed and carriage return. Without any it gives b itself.
func withoutControls(b []byte) []byte {
	bad := func(r rune) bool { return r < 0x20 && r != '\t' && r != '\n' && r != '\r' }
	if !bytes.ContainsFunc(b, bad) {
		return b
	}
	return bytes.Map(func(r rune) rune {
		if bad(r) {
			return -1
		}
		return r
	}, b)
}

// String shows the structure of e without its text, for logs.
func (e Element) String() string {
	return fmt.Sprintf("<%s> with %d children", e.Name, len(e.Children))
}
