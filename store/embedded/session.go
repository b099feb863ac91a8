package embedded

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/steptrace/steptrace/store/embedded/chdb"
	"github.com/steptrace/steptrace/store/embedded/sqltext"
)

// session is a connection that serves one request and is closed with it.
type session struct {
	*chdb.Connection
	engine *engine
	mark   string // a comment, by which KILL QUERY finds the statement
}

// marked is a statement as the engine gets it. The mark stands on a line of its own, behind a comment that may end
// the text, and last, so that positions in error messages are those of the client's text.
func (s *session) marked(text string) string { return text + "\n" + s.mark }

// unmarked takes the mark out of an error that quotes the statement.
func (s *session) unmarked(err error) error {
	if err == nil || !strings.Contains(err.Error(), s.mark) {
		return err
	}
	return errors.New(strings.NewReplacer("\n"+s.mark, "", s.mark, "").Replace(err.Error()))
}

func (s *session) close() {
	s.Close()
	s.engine.leave()
}

// prepare gives the session the request's database, external tables, limits and settings, in this order: what comes
// later may forbid what comes before.
func (s *session) prepare(q *request) error {
	if q.database != "" {
		if err := s.Exec("USE " + quoteIdentifier(q.database)); err != nil {
			return err
		}
	}
	for _, t := range q.external {
		if err := s.createExternal(t); err != nil {
			return err
		}
	}
	for _, statement := range settingStatements(q) {
		if err := s.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

// settingStatements sets what the request asks for, within what its user may have.
func settingStatements(q *request) []string {
	var statements []string
	if q.user.ReadOnly {
		statements = append(statements, "SET profile = '"+readerProfile+"'", "SET max_execution_time = "+readerSeconds)
	}
	assignments := make([]string, 0, len(q.settings))
	for _, x := range q.settings {
		assignments = append(assignments, x.assignment())
	}
	if len(assignments) > 0 {
		statements = append(statements, "SET "+strings.Join(assignments, ", "))
	}
	if q.readOnly != "" {
		statements = append(statements, "SET "+setting{"readonly", q.readOnly}.assignment())
	}
	return statements
}

// permit refuses statements that the request may not run. The readonly setting alone would still let SYSTEM, KILL
// and SET profile through, so the engine's own parser has to call the statement one that leaves no trace.
func (s *session) permit(q *request, st statement) error {
	statements, class := s.Classify(st.Text)
	if statements > 1 {
		return exceptionf(codeSyntaxError, "Syntax error: Multi-statements are not allowed. (SYNTAX_ERROR)")
	}
	unbound := q.user.ReadOnly && changesProfile(st.Text)
	if q.readOnly == "" || class == chdb.ReadOnly && !unbound {
		return nil
	}
	if class == chdb.Unknown && statements == 0 && !st.TakesData() && st.Keyword != "INSERT" {
		return nil // not SQL; the engine says so better
	}
	return exceptionf(codeReadonly, "Cannot execute query in readonly mode. %s (READONLY)", q.whyNot)
}

func changesProfile(text string) bool {
	return sqltext.Mentions(text, "SETTINGS") && sqltext.Mentions(text, "profile")
}

// killWhen ends the session's statement when ctx ends. The returned function has to be called before the session is
// closed; afterwards nothing is killed any more.
func (s *session) killWhen(ctx context.Context) (release func()) {
	finished, idle := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(idle)
		s.killUntil(finished)
	})
	return func() {
		close(finished)
		if !stop() {
			<-idle
		}
	}
}

// killUntil repeats itself because the statement may not have begun when it is killed first.
func (s *session) killUntil(finished <-chan struct{}) {
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		if err := s.engine.kill(s.mark); err != nil {
			s.engine.log.Warn("cannot stop a query whose client went away", "error", err)
		}
		select {
		case <-finished:
			return
		case <-retry.C:
		}
	}
}
