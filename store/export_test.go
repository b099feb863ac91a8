package store

// LimitReads lowers the limits of a read for a test.
func (db *DB) LimitReads(spans, events int) { db.maxSpans, db.maxEvents = spans, events }

// CheckVersion refuses a server's version.
func CheckVersion(version string) error { return checkVersion(version) }

// Adopt is the cluster that a store made for recorded is migrated on when it is to be given.
func Adopt(given, recorded string) (string, error) {
	t := &target{cluster: given}
	err := t.adopt(recorded)
	return t.cluster, err
}

// LetsWrite tells whether a grant has a right to write.
func LetsWrite(grant string) bool { return letsWrite(grant) }
