package store

// LimitReads lowers the limits of a read for a test.
func (db *DB) LimitReads(spans, events int) { db.maxSpans, db.maxEvents = spans, events }

// CheckVersion refuses a server's version.
func CheckVersion(version string) error { return checkVersion(version) }
