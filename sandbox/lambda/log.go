package lambda

import (
	"bytes"
	"sync"
	"time"

	"github.com/coder/quartz"
)

const (
	maxTail = 4 << 10   // of X-Amz-Log-Result
	maxLine = 256 << 10 // of a log event, as in CloudWatch Logs
)

// LogEvent is one line that a function or the platform wrote.
type LogEvent struct {
	Time    time.Time
	Stream  string // one per environment
	Message string // without its line feed
}

// logGroup keeps the last events of a function.
type logGroup struct {
	clock quartz.Clock
	limit int // bytes

	mu     sync.Mutex
	events []LogEvent
	bytes  int
}

func (g *logGroup) add(stream, message string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events = append(g.events, LogEvent{Time: g.clock.Now(), Stream: stream, Message: message})
	g.bytes += len(message)
	if g.bytes > g.limit+g.limit/4 { // so that not each line moves all others
		g.drop()
	}
}

// drop forgets the oldest events above the limit.
func (g *logGroup) drop() {
	n := 0
	for ; g.bytes > g.limit && n < len(g.events)-1; n++ {
		g.bytes -= len(g.events[n].Message)
	}
	g.events = append([]LogEvent(nil), g.events[n:]...)
}

func (g *logGroup) all() []LogEvent {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]LogEvent(nil), g.events...)
}

// logStream cuts an environment's output into lines, and keeps the tail of the invocation under way.
type logStream struct {
	name  string
	group *logGroup

	mu   sync.Mutex
	line []byte // not yet ended
	tail []byte
}

// Write takes output as it comes.
func (s *logStream) Write(data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(data)
	s.line = append(s.line, data...)
	for {
		end := bytes.IndexByte(s.line, '\n')
		switch {
		case end >= 0:
			s.group.add(s.name, string(s.line[:end]))
			s.line = s.line[end+1:]
		case len(s.line) >= maxLine:
			s.group.add(s.name, string(s.line[:maxLine]))
			s.line = s.line[maxLine:]
		default:
			return len(data), nil
		}
	}
}

func (s *logStream) keep(data []byte) {
	s.tail = append(s.tail, data...)
	if len(s.tail) > 2*maxTail { // so that not each write moves the rest
		s.tail = append([]byte(nil), s.tail[len(s.tail)-maxTail:]...)
	}
}

// platform writes a line of the platform's own; an unfinished line of the function ends before it.
func (s *logStream) platform(line string) {
	s.mu.Lock()
	unfinished := len(s.line) > 0
	s.mu.Unlock()
	if unfinished {
		line = "\n" + line
	}
	_, _ = s.Write([]byte(line + "\n")) // never fails
}

// takeTail is the tail since it was last taken.
func (s *logStream) takeTail() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	tail := string(s.tail[max(0, len(s.tail)-maxTail):])
	s.tail = nil
	return tail
}

// Logs are the last lines of the function of that name, oldest first; nil when there is no such function.
func (s *Service) Logs(functionName string) []LogEvent {
	s.mu.Lock()
	f := s.functions[functionName]
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	return f.log.all()
}
