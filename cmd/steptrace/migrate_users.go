package main

import (
	"github.com/spf13/pflag"

	"github.com/steptrace/steptrace/store"
)

const envWriterPassword = "STEPTRACE_STORE_WRITER_PASSWORD"

type userFlags struct {
	create, writerMigrates     bool
	writer, writerPasswordFile string
	reader, readerPasswordFile string
}

func (f *userFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.create, "users", false, "create two ClickHouse users, or give them their passwords and rights anew")
	flags.StringVar(&f.writer, "writer", "steptrace_writer", "`name` of the user who writes, for Collectors")
	flags.StringVar(&f.writerPasswordFile, "writer-password-file", "", "`file` with the writer's password")
	flags.BoolVar(&f.writerMigrates, "writer-migrates", false, "let the writer migrate too, for create_schema: true")
	flags.StringVar(&f.reader, "reader", "steptrace_reader", "`name` of the user who may only read, for Grafana")
	flags.StringVar(&f.readerPasswordFile, "reader-password-file", "", "`file` with the reader's password")
}

// read returns the users to create; nil without --users.
func (f *userFlags) read() (*store.Users, error) {
	if !f.create {
		return nil, nil //nolint:nilnil // no users are wanted
	}
	u := &store.Users{
		Writer: store.User{Name: f.writer}, Reader: store.User{Name: f.reader}, WriterMigrates: f.writerMigrates,
	}
	var err error
	if u.Writer.Password, err = readPassword(f.writerPasswordFile, envWriterPassword); err != nil {
		return nil, err
	}
	if u.Reader.Password, err = readPassword(f.readerPasswordFile, envReaderPassword); err != nil {
		return nil, err
	}
	if u.Writer.Password == "" {
		return nil, usagef("--users: the writer has no password: set %s or --writer-password-file", envWriterPassword)
	}
	if u.Reader.Password == "" {
		return nil, usagef("--users: the reader has no password: set %s or --reader-password-file", envReaderPassword)
	}
	if err := u.Validate(); err != nil {
		return nil, usagef("--users: %w", err)
	}
	return u, nil
}
