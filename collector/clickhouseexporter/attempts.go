package clickhouseexporter

import (
	"crypto/rand"
	"strconv"
	"sync/atomic"
)

// attempts make of the name of a batch's content the token of an insert.
//
// A table without Keeper notes a token before the rows that it stands for are there. ClickHouse that is killed between
// the two, or fails, takes the batch for stored when it comes again with the token, and drops it, or drops what a view
// would have made of it. So a token is not used again once an insert has failed, nor by another process, which may have
// been killed together with ClickHouse. Rows that were stored after all are then stored twice, and their identity makes
// them one.
type attempts struct {
	process  string
	failures atomic.Uint64
}

func newAttempts() *attempts { return &attempts{process: rand.Text()} }

func (a *attempts) token(content string) string {
	return content + "_" + a.process + "_" + strconv.FormatUint(a.failures.Load(), 10)
}

func (a *attempts) failed() { a.failures.Add(1) }
