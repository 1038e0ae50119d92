# SPDX-License-Identifier: LGPL-2.1-or-later
"""Commands of gdb for programs that use the library; docs/debugging.md.

They only read memory, so they work on a process that is stopped and on a core
dump.  They need the library's debug information.
"""
import os
import time

import gdb
import gdb.unwinder

# Constants that debug information does not have.
TIMER_HEAP_ROOT = 3  # aio/timer-heap-internal.h
BH_CELL_STEP = 2  # aio/bh-ring-internal.h
BH_SCHEDULED, BH_DELETED, BH_ONESHOT, BH_IDLE = 2, 4, 8, 16  # aio/bh-internal.h
# qom/object-internal.h
OBJECT_COMPLETE, OBJECT_CHANGING, OBJECT_DYING = 1, 2, 4
POLL_EVENTS = {1: 'reading', 4: 'writing'}
FRAMES_MAX = 100
TEXT_MAX = 200


# ---- Values ----

def variable(expression):
    """The value of a static variable of the library."""
    try:
        return gdb.parse_and_eval(expression)
    except gdb.error as error:
        raise gdb.GdbError('no process or core dump of a program that uses '
                           'libqom, or no debug information: %s' % error)


def container(link, type_name, member):
    """The structure that contains a QueueLink."""
    type_ = gdb.lookup_type(type_name)
    offset = [f for f in type_.fields() if f.name == member][0].bitpos // 8
    return (link.cast(gdb.lookup_type('char').pointer()) - offset).cast(
        type_.pointer()).dereference()


def queue(head, type_name, member):
    """The elements of a list of util/queue.h."""
    link = head['next']
    while link != 0 and link != head.address:
        yield container(link, type_name, member)
        link = link['next']


def debug_list(name, type_name, member):
    return queue(variable(name)['head'], type_name, member)


def text(pointer):
    if pointer == 0:
        return None
    return pointer.string(errors='replace')


def quoted(pointer):
    value = text(pointer)
    if value is None:
        return 'NULL'
    if len(value) > TEXT_MAX:
        value = value[:TEXT_MAX] + '...'
    return '"%s"' % value.replace('\\', '\\\\').replace('"', '\\"')


def address(pointer):
    return '0x%x' % int(pointer)


def function(pointer):
    """The name of a function, with its file if that is known."""
    pc = int(pointer)
    name = gdb.execute('info symbol 0x%x' % pc, to_string=True)
    if name.startswith('No symbol'):
        return address(pointer)
    sal = gdb.find_pc_line(pc)
    name = name.split(' in section ')[0].split()[0]
    if sal.symtab is None:
        return name
    return '%s (%s:%d)' % (name, sal.symtab.filename, sal.line)


def enumerator(value, prefix):
    return str(value).replace(prefix, '').lower().replace('_', '-')


def live_pid():
    """The process id; None if it is no process of this machine."""
    inferior = gdb.selected_inferior()
    connection = getattr(inferior, 'connection', None)
    return inferior.pid if connection and connection.type == 'native' else None


# ---- qom tree ----

# QapiKind, by name without QAPI_KIND_.
C_TYPES = {
    'bool': 'unsigned char', 'int8': 'signed char', 'int16': 'short',
    'int32': 'int', 'int64': 'long', 'uint8': 'unsigned char',
    'uint16': 'unsigned short', 'uint32': 'unsigned int',
    'uint64': 'unsigned long', 'size': 'unsigned long', 'number': 'double',
    'enum': 'int',
}


def slot_at(pointer, offset, type_name):
    """What is at @offset bytes of a structure."""
    base = pointer.cast(gdb.lookup_type('char').pointer()) + int(offset)
    return base.cast(gdb.lookup_type(type_name).pointer()).dereference()


def pointer_at(pointer, offset):
    base = pointer.cast(gdb.lookup_type('char').pointer()) + int(offset)
    void = gdb.lookup_type('void').pointer()
    return base.cast(void.pointer()).dereference()


def kind_of(type_):
    return enumerator(type_['kind'], 'QAPI_KIND_')


def enum_text(type_, value):
    lookup = type_['lookup']
    number = int(value)
    if 0 <= number < int(lookup['size']) and lookup['array'][number] != 0:
        return lookup['array'][number].string()
    return '%d (no value of %s)' % (number, text(type_['name']))


def scalar_text(kind, type_, value):
    if kind == 'bool':
        return 'true' if int(value) else 'false'
    if kind == 'enum':
        return enum_text(type_, value)
    return str(float(value)) if kind == 'number' else str(int(value))


def list_text(type_, node):
    items = []
    while node != 0 and len(items) < TEXT_MAX:
        items.append(value_text(type_['element'], node, type_['value_offset']))
        node = pointer_at(node, 0)
    return '[%s]' % ', '.join(items + (['...'] if node != 0 else []))


def struct_text(type_, value):
    members = []
    for i in range(int(type_['n_members'])):
        member = type_['members'][i]
        pointer = kind_of(member['type']) not in C_TYPES
        if member['optional'] and (
                pointer_at(value, member['offset']) == 0
                if pointer and kind_of(member['type']) != 'list' else
                int(slot_at(value, member['has_offset'], 'char')) == 0):
            continue
        members.append('%s: %s' % (
            text(member['name']),
            value_text(member['type'], value, member['offset'])))
    return '{%s}' % ', '.join(members)


def value_text(type_, base, offset):
    """The value of a slot; see qapi/qapi-type.h for its C type."""
    kind = kind_of(type_)
    if kind in C_TYPES:
        return scalar_text(kind, type_, slot_at(base, offset, C_TYPES[kind]))
    value = pointer_at(base, offset)
    if kind == 'str':
        return quoted(value.cast(gdb.lookup_type('char').pointer()))
    if kind == 'list':
        return list_text(type_, value)
    if value == 0:
        return 'NULL'
    if kind in ('struct', 'union'):
        return struct_text(type_, value)
    return '(%s) %s' % (text(type_['name']), address(value))


def object_path(obj):
    parts = []
    while obj['parent'] != 0:
        parts.insert(0, text(obj['parent_link']['name']))
        obj = obj['parent']
    if obj.cast(gdb.lookup_type('Object').pointer()) != root_object():
        return '%s (in no tree)' % address(obj)
    return '/' + '/'.join(parts)


def root_object():
    root = variable('object_get_root::root')
    if root == 0:
        raise gdb.GdbError('the program has no objects')
    return root


def class_properties(obj):
    table = obj['klass']['seal']['table']
    if table['slots'] == 0:
        return []
    slots = [table['slots'][i] for i in range(int(table['mask']) + 1)]
    return [slot['prop'] for slot in slots if slot['prop'] != 0]


def instance_properties(obj):
    prop = obj['extra']['list']['first'] if obj['extra'] != 0 else None
    while prop is not None and prop != 0:
        yield prop
        prop = prop['next']


def row_text(obj, row):
    if row['link'] == 0:
        value = value_text(row['type'], obj, row['offset'])
        if str(row['set']) == 'PROPERTY_SET_NEVER' and (
                obj['klass']['property_refresh'] != 0):
            value += ' (when it was last read)'
        return value
    target = pointer_at(obj, row['offset'])
    if target == 0:
        return 'NULL'
    return '-> ' + object_path(target.cast(gdb.lookup_type('Object').pointer()))


def print_object(obj, name, indent):
    state = int(obj['state'])
    remarks = ''
    if obj['klass']['seal']['user_creatable'] and not (
            state & OBJECT_COMPLETE):
        remarks += ', incomplete'
    if state & OBJECT_CHANGING:
        remarks += ', changing'
    if state & OBJECT_DYING:
        remarks += ', dying'
    print('%s%s (%s) %s, references: %d%s' % (
        '  ' * indent, name, text(obj['klass']['type']['name']), address(obj),
        int(obj['ref']), remarks))


def links(obj):
    """Name and target of the links that no row declares."""
    link = obj['extra']['links'] if obj['extra'] != 0 else obj['extra']
    while link != 0:
        if link['prop']['row'] == 0:
            yield text(link['prop']['name']), '-> ' + object_path(
                link['target'])
        link = link['holder_next']


def print_properties(obj, indent):
    values = [(text(prop['name']), row_text(obj, prop['row']))
              for prop in class_properties(obj) if prop['row'] != 0]
    for name, value in sorted(values + list(links(obj))):
        print('%s%s = %s' % ('  ' * indent, name, value))


def children(obj):
    for prop in instance_properties(obj):
        if text(prop['type']).startswith('child<'):
            yield prop['opaque'].cast(gdb.lookup_type('Object').pointer()), prop


def print_tree(obj, name, indent):
    todo = [(obj, name, indent)]
    while todo:  # a tree may be of any depth
        obj, name, indent = todo.pop()
        print_object(obj, name, indent)
        print_properties(obj, indent + 2)
        todo += reversed([(child, text(prop['name']), indent + 1)
                          for child, prop in children(obj)])


def find_object(path):
    obj = root_object()
    for part in [part for part in path.split('/') if part]:
        found = [c for c, prop in children(obj) if text(prop['name']) == part]
        if not found:
            raise gdb.GdbError("there is no object '%s': '%s' has no child "
                               "'%s'" % (path, object_path(obj), part))
        obj = found[0]
    return obj


class QomTree(gdb.Command):
    """Show objects, and the values of properties that rows declare.
Usage: qom tree [PATH]

PATH is that of the object to begin with, such as /objects.  Properties with
getters are not shown, because to call a getter would change the process."""

    def __init__(self):
        super().__init__('qom tree', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        path = argument.strip() or '/'
        print_tree(find_object(path), path, 0)


# ---- qom loops ----

def threads():
    """The threads by the kernel's id."""
    return {thread.ptid[1]: thread
            for thread in gdb.selected_inferior().threads()}


def thread_text(context):
    tid = int(context['home']['id'])
    if int(context['home']['serial']) == 0:
        return 'no home thread'
    thread = threads().get(tid)
    if thread is None:
        return 'home thread %d' % tid
    name = ' "%s"' % thread.name if thread.name else ''
    return 'home thread %d%s (gdb thread %d)' % (tid, name, thread.num)


def file_text(fd):
    pid = live_pid()
    try:
        return ' (%s)' % os.readlink('/proc/%d/fd/%d' % (
            pid, fd)) if pid else ''
    except OSError:
        return ''


def print_handlers(context):
    print('  file descriptors:')
    for node in queue(context['handlers']['all'], 'AioHandler', 'link'):
        if node['deleted'] or node['is_own_notifier']:
            continue
        events = [word for bit, word in POLL_EVENTS.items()
                  if int(node['events']) & bit]
        calls = ['%s %s' % (word, function(node[member]))
                 for word, member in (('read:', 'io_read'),
                                      ('write:', 'io_write'),
                                      ('poll:', 'io_poll'),
                                      ('poll ready:', 'io_poll_ready'))
                 if node[member] != 0]
        fd = int(node['fd'])
        print('    %d%s for %s; opaque %s' % (
            fd, file_text(fd), ' and '.join(events) or 'nothing',
            address(node['opaque'])))
        for call in calls:
            print('      ' + call)


def timer_when(clock, expire_ns):
    if clock == 'realtime' and live_pid():
        left = expire_ns - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        return 'in %.3f s' % (left / 1e9)
    return 'at %d ns' % expire_ns


def print_timers(context):
    print('  timers:')
    group = context['timers']
    if group == 0:
        return
    low, high = group['lists'].type.range()
    for i in range(low, high + 1):
        lists = group['lists'][i]
        clock = enumerator(lists['type'], 'AIO_CLOCK_')
        heap = lists['heap']
        armed = []
        for k in range(TIMER_HEAP_ROOT, TIMER_HEAP_ROOT + int(heap['n'])):
            timer = heap['slots'][int(heap['entries'][k]['slot'])]['ts']
            armed.append((int(timer['expire_time_ns']), timer))
        for expire_ns, timer in sorted(armed, key=lambda pair: pair[0]):
            print('    %s, clock %s: %s; opaque %s' % (
                timer_when(clock, expire_ns), clock, function(timer['cb']),
                address(timer['opaque'])))


def bh_chain(bh):
    while bh != 0:
        yield bh
        bh = bh['next']


def ring_cells(ring):
    """The filled cells that have not run."""
    pos = int(ring['first'])
    low, high = ring['cells'].type.range()
    for _ in range(high - low + 1):
        cell = ring['cells'][pos // BH_CELL_STEP % (high - low + 1)]
        if int(cell['filled']) != pos + BH_CELL_STEP:
            return
        yield cell
        pos += BH_CELL_STEP


def print_bh(name, callback, opaque, remark):
    print('    %s: %s; opaque %s%s' % (
        text(name) or '(no name)', function(callback), address(opaque),
        remark))


def print_bh_object(bh):
    flags = int(bh['flags'])
    if flags & (BH_SCHEDULED | BH_ONESHOT):
        print_bh(bh['name'], bh['cb'], bh['opaque'],
                 ' (idle)' if flags & BH_IDLE else '')


def print_bhs(context):
    print('  pending bottom halves:')
    for bh in bh_chain(context['bhs']['first']):
        print_bh_object(bh)
    for cell in ring_cells(context['bh_ring'].dereference()):
        if cell['cb'] != 0:
            print_bh(cell['name'], cell['cb'], cell['opaque'], '')
        else:
            print_bh_object(cell['opaque'].cast(
                gdb.lookup_type('AioBH').pointer()))
    for bh in reversed(list(bh_chain(context['bh_pending']))):
        print_bh_object(bh)


def counts(array, enum_name, prefix):
    names = {int(f.enumval): enumerator(f.name, prefix)
             for f in gdb.lookup_type(enum_name).fields()}
    low, high = array.type.range()
    return ', '.join('%s %d' % (names[i], int(array[i]))
                     for i in range(low, high + 1) if names[i] != 'none')


def time_until_switch(counters, state):
    """Half ticks in a state; the lowest bit is 1 while it lasts (aio/stats.c).

    gdb cannot read the clock, so the present state counts to its beginning.
    """
    time = int(counters['times'][state])
    if time & 1:
        time += 2 * int(counters['since']) - 1
    return time % 2**64


def print_statistics(context):
    counters = context['counters']
    times = [time_until_switch(counters, state) for state in range(3)]
    total = sum(times) or 1
    longest = counters['longest'][int(counters['version']) % 2]
    print('  statistics:')
    print('    iterations %d, bottom halves %d' % (
        int(counters['iterations']), int(counters['bottom_halves'])))
    print('    callbacks: %s' % counts(counters['callbacks'],
                                       'AioCallbackKind', 'AIO_CALLBACK_'))
    print('    wake-ups: %s' % counts(counters['wakes'], 'AioWakeCause',
                                      'AIO_WAKE_BY_'))
    print('    time: busy %.1f%%, asleep %.1f%%, polling %.1f%%' % tuple(
        100.0 * t / total for t in times))
    if int(longest['ns']):
        print('    longest callback: %.3f ms, %s' % (
            int(longest['ns']) / 1e6,
            text(longest['name']) or function(longest['function'])))


def print_context(context):
    inherited = int(context['n_forks']) != int(variable("'fork.c'::n_forks"))
    monitor = context['monitor']['ops']
    print('AioContext %s: %s, fd monitor %s, references: %d%s%s' % (
        address(context.address), thread_text(context),
        text(monitor['name']) if monitor != 0 else 'none',
        int(context['ref_count']),
        ', attached to GLib' if context['source']['gsource'] != 0 else '',
        ', inherited by fork()' if inherited else ''))


class QomLoops(gdb.Command):
    """Show event loops: what each one watches and has to do.
Usage: qom loops"""

    def __init__(self):
        super().__init__('qom loops', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        n = 0
        for context in debug_list('aio_all_contexts', 'AioContext', 'link'):
            print_context(context)
            for part in (print_handlers, print_timers, print_bhs,
                         print_statistics):
                part(context)
            n += 1
        print('%d event loops' % n)


# ---- qom coroutines ----

class SavedFrame:
    """A frame's identity for gdb: a stack pointer and a program counter."""

    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class CoroutineUnwinder(gdb.unwinder.Unwinder):
    """While `sp` is set, the caller of the innermost frame is what
    coroutine_switch_stack() of aio/coroutine/coroutine-asm.c has left there.
    No register of the process changes."""

    # In the order in which the switch pops them.
    PUSHED = ('r15', 'r14', 'r13', 'r12', 'rbx', 'rbp', 'rip')

    def __init__(self):
        super().__init__('qom-coroutine')
        self.sp = None

    def __call__(self, pending):
        if self.sp is None:
            return None
        # Only the innermost frame: others are those of the coroutine.
        sp, self.sp = self.sp, None
        stack = gdb.Value(sp).cast(pending.read_register('rsp').type)
        words = gdb.Value(sp).cast(gdb.lookup_type('long').pointer())
        info = pending.create_unwind_info(
            SavedFrame(stack, pending.read_register('rip')))
        for i, name in enumerate(self.PUSHED):
            info.add_saved_register(name, words[i].cast(
                pending.read_register(name).type))
        after = gdb.Value(sp + 8 * len(self.PUSHED))
        info.add_saved_register('rsp', after.cast(
            pending.read_register('rsp').type))
        return info

    def frames(self, sp):
        """The frames of the coroutine whose switch has stored @sp."""
        top = sp + 8 * len(self.PUSHED)
        self.sp = sp
        gdb.invalidate_cached_frames()
        frame = gdb.newest_frame()
        while frame is not None and int(frame.read_register('rsp')) != top:
            frame = frame.older()
        while frame is not None:
            yield frame
            frame = frame.older()

    def done(self):
        self.sp = None
        gdb.invalidate_cached_frames()


UNWINDER = CoroutineUnwinder()
gdb.unwinder.register_unwinder(None, UNWINDER, replace=True)


def argument_text(frame, argument):
    try:
        value = argument.value(frame).format_string(
            symbols=False, summary=True, max_elements=TEXT_MAX)
    except (gdb.error, TypeError):  # gdb < 13 has no summary
        value = '...'
    return '%s=%s' % (argument.name, value)


def arguments(frame):
    try:
        block = frame.block()
    except RuntimeError:  # no debug information
        return ''
    while block.function is None and block.superblock is not None:
        block = block.superblock
    return ', '.join(argument_text(frame, s) for s in block if s.is_argument)


def print_frame(level, frame):
    sal = frame.find_sal()
    where = ' at %s:%d' % (sal.symtab.filename, sal.line) if sal.symtab else ''
    print('  #%-2d %s (%s)%s' % (level, frame.name() or '0x%x' % frame.pc(),
                                arguments(frame), where))


def print_backtrace(coroutine):
    try:
        for level, frame in enumerate(UNWINDER.frames(int(coroutine['sp']))):
            if frame.name() == 'stack_start' or level == FRAMES_MAX:
                break
            print_frame(level, frame)
    finally:
        UNWINDER.done()


def check_backtraces():
    """Raises an error if this program's stacks cannot be walked."""
    if gdb.selected_thread() is None:
        raise gdb.GdbError('no process and no core dump')
    found = gdb.lookup_global_symbol('coroutine_init_stack')
    machine = gdb.selected_frame().architecture().name()
    if machine != 'i386:x86-64' or found is None or not (
            found.symtab.filename.endswith('coroutine-asm.c')):
        raise gdb.GdbError('no backtraces: they need x86-64 and a library '
                           'with -Dcoroutine_backend=asm')


def coroutine_state(coroutine):
    if coroutine['caller'] == coroutine.address:
        return 'free'
    if coroutine['caller'] != 0:
        return 'running'
    return 'created' if coroutine['ctx'] == 0 else 'waiting'


def print_coroutine(coroutine):
    context = coroutine['ctx'].dereference()
    remarks = ''
    if coroutine['scheduled'] != 0:
        remarks += ', scheduled by %s' % text(coroutine['scheduled'])
    if coroutine['cancelled']:
        remarks += ', cancelled'
    print('Coroutine %s: %s; opaque %s%s' % (
        address(coroutine.address), function(coroutine['entry']),
        address(coroutine['opaque']), remarks))
    print('  in AioContext %s, %s' % (address(context.address),
                                      thread_text(context)))


class QomCoroutines(gdb.Command):
    """Show the coroutines that wait, each with its backtrace.
Usage: qom coroutines

The process does not continue, and its registers do not change."""

    def __init__(self):
        super().__init__('qom coroutines', gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        states = dict.fromkeys(('waiting', 'running', 'created', 'free'), 0)
        check_backtraces()
        level = gdb.selected_frame().level()
        for coroutine in debug_list('coroutine_all_stacks', 'Coroutine',
                                    'all_link'):
            state = coroutine_state(coroutine)
            states[state] += 1
            if state == 'waiting':
                print_coroutine(coroutine)
                print_backtrace(coroutine)
        print('coroutines: %d waiting, %d running, %d created, and %d free '
              'stacks' % tuple(states.values()))
        gdb.execute('frame %d' % level, to_string=True)


class Qom(gdb.Command):
    """Look into a program that uses libqom: tree, loops, coroutines."""

    def __init__(self):
        super().__init__('qom', gdb.COMMAND_DATA, prefix=True)


for command in Qom, QomTree, QomLoops, QomCoroutines:
    command()
