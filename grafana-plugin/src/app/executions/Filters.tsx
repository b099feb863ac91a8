import { css } from '@emotion/css';
import { GrafanaTheme2, SelectableValue, TimeRange } from '@grafana/data';
import { Button, MultiSelect, Select, useStyles2 } from '@grafana/ui';
import React from 'react';
import { RangePicker } from '../ui/RangePicker';
import { Labelled } from '../ui/Labelled';
import { TextFilter } from '../ui/TextFilter';
import { statusWord } from '../ui/statusLook';
import { ExecutionsSearch, isDuration, isFiltered, statuses } from '../url/executionsSearch';
import { useValues } from './useValues';

interface Props {
  search: ExecutionsSearch;
  range: TimeRange;
  onChange: (change: Partial<ExecutionsSearch>) => void;
  onClear: () => void;
}

const options = (values: string[]): Array<SelectableValue<string>> => values.map((value) => ({ value, label: value }));
const chosen = (selected: Array<SelectableValue<string>>) => selected.flatMap(({ value }) => (value ? [value] : []));
const statusOptions = statuses.map((value) => ({ value, label: statusWord(value) }));
const durationHelp = (text: string) => (isDuration(text) ? undefined : 'A duration is written 90s, 1h30m or 250ms');

/** What the executions are searched by. */
export function Filters({ search, range, onChange, onClear }: Props) {
  const styles = useStyles2(getStyles);
  const values = useValues(search.machines, range);
  return (
    <form className={styles} role="search" aria-label="Executions" onSubmit={(event) => event.preventDefault()}>
      <Labelled label="State machine" width={28}>
        {(id) => (
          <MultiSelect
            inputId={id}
            options={values.machines}
            value={search.machines}
            allowCustomValue
            placeholder="All"
            onChange={(selected) => onChange({ machines: chosen(selected) })}
          />
        )}
      </Labelled>
      <Labelled label="Status" width={24}>
        {(id) => (
          <MultiSelect
            inputId={id}
            options={statusOptions}
            value={search.statuses}
            placeholder="Any"
            onChange={(selected) => onChange({ statuses: chosen(selected) })}
          />
        )}
      </Labelled>
      <Labelled label="Failed state" width={22}>
        {(id) => (
          <Select
            inputId={id}
            options={values.states}
            value={search.failedState ? options([search.failedState])[0] : null}
            allowCustomValue
            isClearable
            placeholder="Any"
            onChange={(selected: SelectableValue<string> | null) => onChange({ failedState: selected?.value ?? '' })}
          />
        )}
      </Labelled>
      <Labelled label="Error" width={24}>
        {(id) => (
          <MultiSelect
            inputId={id}
            options={values.errors}
            value={search.errors}
            allowCustomValue
            placeholder="Any"
            onChange={(selected) => onChange({ errors: chosen(selected) })}
          />
        )}
      </Labelled>
      <TextFilter label="Words in payloads" value={search.text} onChange={(text) => onChange({ text })} />
      <TextFilter label="Name or ARN" value={search.name} onChange={(name) => onChange({ name })} />
      <TextFilter
        label="Duration at least"
        placeholder="90s"
        width={10}
        value={search.minDuration}
        problem={durationHelp}
        onChange={(minDuration) => onChange({ minDuration })}
      />
      <TextFilter
        label="Duration at most"
        placeholder="1h30m"
        width={10}
        value={search.maxDuration}
        problem={durationHelp}
        onChange={(maxDuration) => onChange({ maxDuration })}
      />
      <Labelled label="Started in" width={0}>
        {() => <RangePicker range={range} onChange={onChange} />}
      </Labelled>
      {isFiltered(search) && (
        <Button type="button" variant="secondary" fill="text" onClick={onClear}>
          Clear filters
        </Button>
      )}
    </form>
  );
}

const getStyles = (theme: GrafanaTheme2) =>
  css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'flex-end',
    gap: theme.spacing(1),
    marginBottom: theme.spacing(2),
  });
