package spanid

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text rewrites a JSON text as encoding/json writes it without HTML escapes. It is false for what is no valid UTF-8,
// which the general way replaces.
func (p *plain) text() bool {
	from := p.at // of what is copied as it is
	for p.at++; p.at < len(p.in); {
		switch b := p.in[p.at]; {
		case b == '"':
			p.at++
			p.out = append(p.out, p.in[from:p.at]...)
			return true
		case b < ' ':
			return false
		case b == '\\':
			p.out = append(p.out, p.in[from:p.at]...)
			if !p.escape() {
				return false
			}
			from = p.at
		case b < utf8.RuneSelf:
			p.at++
		default:
			r, size := utf8.DecodeRune(p.in[p.at:])
			if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
				return false
			}
			p.at += size
		}
	}
	return false
}

// escape rewrites what begins with a backslash.
func (p *plain) escape() bool {
	if p.at++; p.at == len(p.in) {
		return false
	}
	b := p.in[p.at]
	p.at++
	switch b {
	case '/':
		p.out = append(p.out, '/')
	case '"', '\\', 'b', 'f', 'n', 'r', 't':
		p.out = append(p.out, '\\', b)
	case 'u':
		r, ok := p.hex(p.at)
		if !ok {
			return false
		}
		p.at += 4
		p.out = appendEscaped(p.out, p.surrogate(r))
	default:
		return false
	}
	return true
}

// hex reads the four digits of \uXXXX.
func (p *plain) hex(at int) (rune, bool) {
	if at+4 > len(p.in) {
		return 0, false
	}
	var r rune
	for _, b := range p.in[at : at+4] {
		switch {
		case b >= '0' && b <= '9':
			r = r<<4 | rune(b-'0')
		case b|0x20 >= 'a' && b|0x20 <= 'f':
			r = r<<4 | rune(b|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// surrogate completes a pair; half a pair becomes U+FFFD, as in encoding/json.
func (p *plain) surrogate(r rune) rune {
	if !utf16.IsSurrogate(r) {
		return r
	}
	if p.at+2 <= len(p.in) && p.in[p.at] == '\\' && p.in[p.at+1] == 'u' {
		if second, ok := p.hex(p.at + 2); ok {
			if whole := utf16.DecodeRune(r, second); whole != utf8.RuneError {
				p.at += 6
				return whole
			}
		}
	}
	return utf8.RuneError
}

func appendEscaped(buf []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(buf, '\\', byte(r))
	case '\b':
		return append(buf, `\b`...)
	case '\f':
		return append(buf, `\f`...)
	case '\n':
		return append(buf, `\n`...)
	case '\r':
		return append(buf, `\r`...)
	case '\t':
		return append(buf, `\t`...)
	case '\u2028', '\u2029':
		return append(append(buf, `\u`...), strconv.FormatInt(int64(r), 16)...)
	}
	if r < ' ' {
		const digits = "0123456789abcdef"
		return append(append(buf, `\u00`...), digits[r>>4], digits[r&0xf])
	}
	return utf8.AppendRune(buf, r)
}
