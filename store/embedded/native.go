package embedded

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// helloQuery is how clickhouse-go asks which server it talks to.
const helloQuery = "SELECT displayName(), version(), revision(), timezone()"

func isHello(st statement, q *request) bool {
	return strings.TrimSpace(st.Text) == helloQuery && q.format == "Native"
}

// Protocol revisions from which a Native block has further parts.
const (
	revisionBlockInfo           = 1
	revisionCustomSerialization = 54454
)

// hello answers helloQuery. The client reads the answer at its own protocol revision and everything afterwards at the
// revision it is told here; the engine writes Native at revision 0 only.
func (s *Server) hello(out *response, clientRevision string) error {
	revision, _ := strconv.Atoi(clientRevision) // 0 if it names none
	var b proto.Buffer
	if revision >= revisionBlockInfo {
		putBlockInfo(&b)
	}
	b.PutUVarInt(4) // columns
	b.PutUVarInt(1) // rows
	column := func(name, kind string) {
		putColumn(&b, name, kind)
		if revision >= revisionCustomSerialization {
			b.PutBool(false)
		}
	}
	column("displayName()", "String")
	b.PutString(displayName)
	column("version()", "String")
	b.PutString(s.version)
	column("revision()", "UInt32")
	b.PutUInt32(0)
	column("timezone()", "String")
	b.PutString("UTC")
	_, err := out.Write(b.Buf)
	return err
}

func putBlockInfo(b *proto.Buffer) {
	b.PutUVarInt(1)
	b.PutBool(false) // is_overflows
	b.PutUVarInt(2)
	b.PutInt32(-1) // bucket_num
	b.PutUVarInt(0)
}

func putColumn(b *proto.Buffer, name, kind string) {
	b.PutString(name)
	b.PutString(kind)
}

// headOfEmpty sends the block with columns and no rows that ClickHouse sends for an empty Native result and the
// engine leaves out. Without it a client would not know the columns.
func (s *session) headOfEmpty(st statement, q *request, out *response) error {
	if out.started || either(st.Format, q.format) != "Native" {
		return nil
	}
	result, err := s.Query(s.marked("DESCRIBE TABLE ("+st.Rows+"\n)"), "RowBinary", q.parameters...)
	if err != nil {
		return err
	}
	defer result.Free()
	head, err := emptyBlock(result.Bytes())
	if err != nil {
		return err
	}
	_, err = out.Write(head)
	return err
}

// emptyBlock builds a Native block of revision 0 without rows from DESCRIBE TABLE's result in RowBinary:
// seven strings for each column, name and type first.
func emptyBlock(description []byte) ([]byte, error) {
	r := proto.NewReader(strings.NewReader(string(description)))
	var columns proto.Buffer
	n := 0
	for {
		name, err := r.Str()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		kind, err := r.Str()
		if err != nil {
			return nil, err
		}
		for range 5 {
			if _, err := r.Str(); err != nil {
				return nil, err
			}
		}
		putColumn(&columns, name, kind)
		n++
	}
	var b proto.Buffer
	b.PutUVarInt(uint64(n))
	b.PutUVarInt(0)
	return append(b.Buf, columns.Buf...), nil
}
