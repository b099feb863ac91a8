package clickhouseexporter

import "encoding/binary"

// terms is a LowCardinality(String) column: a dictionary, and each row's index in it. The dictionary grows while rows
// are added. Rows mostly follow each other as they did before (the keys of an attribute map above all), so the term
// that followed the last one before is tried first, and hashing is left to surprises.
type terms struct {
	texts      []string          // the dictionary
	dictionary texts             // the same, encoded
	index      map[string]uint32 // where each is in it
	follower   []uint32          // behind a term's index + 1, and at 0 behind none, which came next
	last       uint32            // the last row's index + 1
	rows       []uint32
	narrow     []byte // the rows in as few bytes as the dictionary's size allows
}

// keptTerms is up to how many terms a dictionary's memory is kept for the next batch.
const keptTerms = 1 << 14

// begin says that what follows does not depend on what was before.
func (c *terms) begin() { c.last = 0 }

func (c *terms) add(s string) {
	if len(c.follower) == 0 {
		c.follower = append(c.follower, 0)
	}
	i := c.follower[c.last]
	if int(i) >= len(c.texts) || c.texts[i] != s {
		i = c.find(s)
		c.follower[c.last] = i
	}
	c.rows = append(c.rows, i)
	c.last = i + 1
}

func (c *terms) find(s string) uint32 {
	if i, ok := c.index[s]; ok {
		return i
	}
	if c.index == nil {
		c.index = make(map[string]uint32)
	}
	i := uint32(len(c.texts))
	c.index[s] = i
	c.texts = append(c.texts, s)
	c.dictionary.add(s)
	c.follower = append(c.follower, 0)
	return i
}

// addTimes appends a value that many rows have.
func (c *terms) addTimes(s string, rows int) {
	from := len(c.rows)
	c.add(s)
	c.rows = repeat(c.rows, from, rows)
}

// reset forgets the batch, whose strings belong to the sender.
func (c *terms) reset() {
	if len(c.texts) > keptTerms {
		*c = terms{rows: c.rows[:0], narrow: c.narrow[:0]}
		return
	}
	clear(c.texts)
	clear(c.index)
	c.texts, c.dictionary, c.follower, c.rows = c.texts[:0], c.dictionary[:0], c.follower[:0], c.rows[:0]
	c.last = 0
}

// The numbers are those of ClickHouse's SerializationLowCardinality.
const (
	sharedDictionary = 1            // the version of the format
	ownDictionary    = 1<<9 | 1<<10 // the block brings its dictionary
	byteIndex        = 0            // indexes of 8 bits
	shortIndex       = 1            // of 16
	wordIndex        = 2            // of 32
	byteTerms        = 1 << 8       // how many terms indexes of 8 bits tell apart
	shortTerms       = 1 << 16      // of 16
	termsPrefix      = 8            // bytes of the version in front of the column
)

// narrowed is the rows' indexes in the fewest bytes, and the name of their type.
func (c *terms) narrowed() (indexType uint64, indexes []byte) {
	b := c.narrow[:0]
	switch {
	case len(c.texts) <= byteTerms:
		indexType = byteIndex
		for _, i := range c.rows {
			b = append(b, byte(i))
		}
	case len(c.texts) <= shortTerms:
		indexType = shortIndex
		for _, i := range c.rows {
			b = binary.LittleEndian.AppendUint16(b, uint16(i))
		}
	default:
		indexType = wordIndex
		for _, i := range c.rows {
			b = binary.LittleEndian.AppendUint32(b, i)
		}
	}
	c.narrow = b
	return indexType, b
}
