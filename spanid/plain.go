package spanid

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
)

// plain writes the canonical form of JSON that has nothing special in a single pass: valid UTF-8, different names in
// each object and none that needs an escape, nested at most maxPlainDepth deep. Anything else, and all that is no
// JSON, it leaves to the general way; TestPlainIsTheGeneralWay compares the two.
type plain struct {
	in    []byte
	at    int
	out   []byte
	depth int
}

const maxPlainDepth = 32

// appendPlain is false when the payload is not plain; what was written then is of no use.
func appendPlain(buf, payload []byte) ([]byte, bool) {
	p := plain{in: payload, out: slices.Grow(buf, len(payload)+len(payload)/8+16)}
	if !p.value() {
		return p.out, false
	}
	p.skipSpace()
	return p.out, p.at == len(p.in)
}

func (p *plain) skipSpace() {
	for p.at < len(p.in) && (p.in[p.at] == ' ' || p.in[p.at] == '\n' || p.in[p.at] == '\t' || p.in[p.at] == '\r') {
		p.at++
	}
}

// next is the first byte that is no space, 0 at the end.
func (p *plain) next() byte {
	p.skipSpace()
	if p.at == len(p.in) {
		return 0
	}
	return p.in[p.at]
}

// take moves past the byte if it comes next.
func (p *plain) take(b byte) bool {
	if p.next() != b {
		return false
	}
	p.at++
	return true
}

func (p *plain) value() bool {
	switch b := p.next(); b {
	case '{':
		return p.nested(p.object)
	case '[':
		return p.nested(p.list)
	case '"':
		return p.text()
	case 't':
		return p.word("true")
	case 'f':
		return p.word("false")
	case 'n':
		return p.word("null")
	default:
		return p.number()
	}
}

func (p *plain) nested(read func() bool) bool {
	p.depth++
	p.at++
	ok := p.depth <= maxPlainDepth && read()
	p.depth--
	return ok
}

func (p *plain) word(w string) bool {
	if !bytes.HasPrefix(p.in[p.at:], []byte(w)) {
		return false
	}
	p.at += len(w)
	p.out = append(p.out, w...)
	return true
}

func (p *plain) list() bool {
	p.out = append(p.out, '[')
	if p.take(']') {
		p.out = append(p.out, ']')
		return true
	}
	for p.value() {
		if p.take(']') {
			p.out = append(p.out, ']')
			return true
		}
		if !p.take(',') {
			return false
		}
		p.out = append(p.out, ',')
	}
	return false
}

// written is a member of an object in out, with the comma behind it.
type written struct{ from, colon, to int }

func (p *plain) object() bool {
	p.out = append(p.out, '{')
	if p.take('}') {
		p.out = append(p.out, '}')
		return true
	}
	var few [8]written
	members := few[:0]
	for p.next() == '"' {
		m := written{from: len(p.out)}
		if !p.text() || bytes.IndexByte(p.out[m.from:], '\\') >= 0 || !p.take(':') {
			return false
		}
		m.colon = len(p.out)
		p.out = append(p.out, ':')
		if !p.value() {
			return false
		}
		p.out = append(p.out, ',')
		m.to = len(p.out)
		members = append(members, m)
		if p.take('}') {
			return p.arrange(members)
		}
		if !p.take(',') {
			return false
		}
	}
	return false
}

// arrange sorts the members just written by name and closes the object. It is false when two have one name.
func (p *plain) arrange(members []written) bool {
	// Names are compared without their quotes: one can begin another.
	name := func(m written) []byte { return p.out[m.from+1 : m.colon-1] }
	byName := func(a, b written) int { return cmp.Or(bytes.Compare(name(a), name(b)), cmp.Compare(a.from, b.from)) }
	first, inOrder := members[0].from, slices.IsSortedFunc(members, byName)
	if !inOrder {
		slices.SortFunc(members, byName)
	}
	for i := 1; i < len(members); i++ {
		if bytes.Equal(name(members[i-1]), name(members[i])) {
			return false
		}
	}
	if !inOrder {
		sorted := make([]byte, 0, len(p.out)-first)
		for _, m := range members {
			sorted = append(sorted, p.out[m.from:m.to]...)
		}
		copy(p.out[first:], sorted)
	}
	p.out[len(p.out)-1] = '}'
	return true
}

func (p *plain) number() bool {
	from := p.at
	p.takeAny("-")
	if !p.takeAny("0") && !p.digits() {
		return false
	}
	if p.takeAny(".") && !p.digits() {
		return false
	}
	if p.takeAny("eE") {
		p.takeAny("+-")
		if !p.digits() {
			return false
		}
	}
	p.out = appendNumber(p.out, p.in[from:p.at])
	return true
}

// appendNumber is canonicalNumber, quicker for whole numbers.
func appendNumber(buf, number []byte) []byte {
	digits := bytes.TrimRight(number, "0")
	if len(digits) == 0 {
		return append(buf, '0')
	}
	if last := digits[len(digits)-1]; last == '-' || bytes.ContainsAny(number, ".eE") {
		return append(buf, canonicalNumber(string(number))...)
	}
	return strconv.AppendInt(append(append(buf, digits...), 'e'), int64(len(number)-len(digits)), 10)
}

func (p *plain) takeAny(of string) bool {
	if p.at < len(p.in) && bytes.IndexByte([]byte(of), p.in[p.at]) >= 0 {
		p.at++
		return true
	}
	return false
}

func (p *plain) digits() bool {
	from := p.at
	for p.at < len(p.in) && p.in[p.at] >= '0' && p.in[p.at] <= '9' {
		p.at++
	}
	return p.at > from
}
