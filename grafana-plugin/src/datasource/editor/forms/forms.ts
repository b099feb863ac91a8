import { ComponentType } from 'react';
import { QueryType } from '../../query';
import { Form } from '../form';
import { CallsForm } from './CallsForm';
import { CostForm } from './CostForm';
import { EventsForm } from './EventsForm';
import { ExecutionsForm } from './ExecutionsForm';
import { FailuresForm } from './FailuresForm';
import { MachinesForm } from './MachinesForm';
import { MapRunsForm } from './MapRunsForm';
import { SqlForm } from './SqlForm';
import { StatesForm } from './StatesForm';
import { TraceForm } from './TraceForm';
import { WorkflowForm } from './WorkflowForm';

/** The form of each type of query. */
export const forms: Record<QueryType, ComponentType<{ form: Form }>> = {
  executions: ExecutionsForm,
  trace: TraceForm,
  workflow: WorkflowForm,
  states: StatesForm,
  events: EventsForm,
  failures: FailuresForm,
  calls: CallsForm,
  functions: MachinesForm,
  map_runs: MapRunsForm,
  cost: CostForm,
  machines: MachinesForm,
  sql: SqlForm,
};
