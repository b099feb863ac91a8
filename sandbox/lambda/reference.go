package lambda

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

const latest = "$LATEST"

var (
	namePattern      = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	qualifierPattern = regexp.MustCompile(`^(\$LATEST|[a-zA-Z0-9_-]{1,128})$`)
	fullARN          = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):function:(.+)$`)
	partialARN       = regexp.MustCompile(`^(\d{12}):(?:function:)?(.+)$`)
)

// reference names a function: a name, an ARN or a partial ARN, each with or without a qualifier.
type reference struct {
	name      string
	qualifier string // empty when none was given
	foreign   bool   // of another region or account
}

// parseReference reads what callers give as FunctionName and Qualifier.
func (s *Service) parseReference(functionName, qualifier string) (reference, error) {
	ref, rest := reference{}, functionName
	if m := fullARN.FindStringSubmatch(functionName); m != nil {
		ref.foreign = m[1] != s.cfg.Region || m[2] != s.cfg.AccountID
		rest = m[3]
	} else if m := partialARN.FindStringSubmatch(functionName); m != nil {
		ref.foreign = m[1] != s.cfg.AccountID
		rest = m[2]
	}
	ref.name, ref.qualifier, _ = strings.Cut(rest, ":")
	if !namePattern.MatchString(ref.name) {
		return ref, invalid("functionName", functionName)
	}
	if ref.qualifier == "" {
		ref.qualifier = qualifier
	}
	if ref.qualifier != "" && !qualifierPattern.MatchString(ref.qualifier) {
		return ref, invalid("qualifier", ref.qualifier)
	}
	if qualifier != "" && qualifier != ref.qualifier {
		return ref, invalidParameter("The derived qualifier from the function name does not match the specified qualifier.")
	}
	return ref, nil
}

// arn is the function's ARN, qualified if qualifier is not empty.
func (s *Service) arn(name, qualifier string) string {
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", s.cfg.Region, s.cfg.AccountID, name)
	if qualifier != "" {
		arn += ":" + qualifier
	}
	return arn
}

func invalid(member, value string) error {
	return awswire.Errorf("ValidationException",
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint", value, member)
}

func invalidParameter(format string, args ...any) error {
	return awswire.Errorf("InvalidParameterValueException", format, args...)
}
